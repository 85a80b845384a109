"""Pictures and requests that cannot be served: a 400 that says why, and an engine that goes on."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from golden_data import Golden
from http_server import MAX_DECODED_PIXELS, Server, chat_body, image_part
from PIL import Image

SAY = {"type": "text", "text": "What is this?"}


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(width: int, height: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), 128 if mode in ("L", "I;16", "F") else (200, 40, 90, 120)[: len(mode)])


def gif(frames: int) -> bytes:
    pictures = [Image.new("RGB", (60, 60), (40 * i, 0, 0)) for i in range(frames)]
    return encoded(pictures[0], "GIF", save_all=frames > 1, append_images=pictures[1:])


def png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    """A PNG whose samples Pillow cannot write: so many bits, of this colour type of the format."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def bomb() -> bytes:
    """A few hundred kilobytes that would decode to 400 megapixels."""
    side = 20_000
    return png(side, side, 1, 0, bytes((side // 8 + 1) * side))


def deep_colour(width: int, height: int) -> bytes:
    """Three samples of 16 bits in each pixel."""
    return png(width, height, 16, 2, (b"\0" + struct.pack(">HHH", 51_000, 10_200, 23_000) * width) * height)


PNG = encoded(plain(84, 56))
CORRUPT = PNG[: len(PNG) // 2]

REFUSED = {
    "too large to decode": ([image_part(encoded(plain(5000, 4001)))], f"maximum of {MAX_DECODED_PIXELS} pixels"),
    "decompression bomb": ([image_part(bomb())], "pixels"),
    "too long for its width": ([image_part(encoded(plain(1, 201)))], "at most 200 times"),
    "cut PNG": ([image_part(CORRUPT)], "image"),
    "no picture at all": ([image_part(b"these are not the bytes of a picture")], "image"),
    "no bytes": ([image_part(b"")], "image"),
    "broken base64": ([{"type": "image_url", "image_url": {"url": "data:image/png;base64,@@@"}}], ""),
    "animated GIF": ([image_part(gif(3), "image/gif")], "animation of 3 frames"),
    "16-bit grey": ([image_part(encoded(plain(60, 60, "I;16")))], "8 bits per sample"),
    "32-bit float": ([image_part(encoded(plain(60, 60, "F"), "TIFF"), "image/tiff")], "8 bits per sample"),
    "video": ([{"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}], "video"),
    "audio": ([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}], "audio"),
}


def test_too_many_pictures_are_refused_with_the_number_that_is_allowed(server: Server):
    reply = server.chat([*[image_part(PNG)] * (server.max_images + 1), SAY])
    assert reply.status == 400
    assert f"At most {server.max_images} image" in reply.message
    assert server.alive()


def test_more_tokens_than_the_context_are_refused(server: Server, golden: Golden):
    """By pictures, where pictures of the largest size are more than the context, and by words."""
    words = [{"type": "text", "text": "puppet " * server.context_tokens}]
    unit = golden.preprocessor["patch_size"] * golden.preprocessor["merge_size"]
    large = [image_part(encoded(plain(4000, 4000)))] * server.max_images
    fills = server.max_images * (golden.preprocessor["max_pixels"] // unit**2 - unit) > server.context_tokens
    for parts in [words, [image_part(PNG), *words], *([large] if fills else [])]:
        reply = server.chat([*parts, SAY])
        assert reply.status == 400, reply.message
        assert "maximum" in reply.message
        assert server.alive()


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_picture_is_refused_with_a_reason(server: Server, what):
    parts, reason = REFUSED[what]
    reply = server.chat([*parts, SAY])
    assert 400 <= reply.status < 500, reply.message
    assert reason.lower() in reply.message.lower(), reply.message
    assert server.alive()


@pytest.mark.parametrize(
    "asked",
    [{"max_pixels": 10**9}, {"min_pixels": 0}, {"size": {"longest_edge": 10**9}}, {"do_resize": False}, {"max_pixels": "a"}],
)
def test_a_request_cannot_widen_the_pixel_limits(server: Server, asked):
    reply = server.chat([image_part(PNG), SAY], mm_processor_kwargs=asked)
    assert reply.status == 400, reply.message
    assert any(name in reply.message for name in ("min_pixels", "max_pixels", "do_resize"))
    assert server.alive()


def prompt_tokens(reply) -> int:
    assert reply.status == 200, reply.message
    return reply.body["usage"]["prompt_tokens"]


def test_a_request_can_narrow_the_pixel_limits(server: Server, golden: Golden):
    large = image_part(encoded(plain(560, 560)))
    whole = prompt_tokens(server.chat([large, SAY]))
    least, most = (golden.preprocessor[name] for name in ("min_pixels", "max_pixels"))
    narrower = max(least, min(most, 560 * 560) // 4)
    less = prompt_tokens(server.chat([large, SAY], mm_processor_kwargs={"max_pixels": narrower}))
    assert less < whole or narrower == most


ODD_BUT_FINE = {
    "1x1": encoded(plain(1, 1)),
    "30x20": encoded(plain(30, 20)),
    "one-frame GIF": gif(1),
    "grey": encoded(plain(60, 60, "L")),
    "alpha": encoded(plain(60, 60, "RGBA")),
    "palette": encoded(plain(60, 60).convert("P")),
    "black and white": encoded(plain(60, 60, "L").convert("1")),
    "16-bit colour": deep_colour(60, 60),
    "grey with alpha": encoded(plain(60, 60, "L").convert("LA")),
    "CMYK": encoded(plain(60, 60, "CMYK"), "JPEG"),
    "longest allowed": encoded(plain(1, 200)),
}


@pytest.mark.parametrize("what", ODD_BUT_FINE)
def test_an_odd_picture_is_served(server: Server, what):
    assert prompt_tokens(server.chat([image_part(ODD_BUT_FINE[what]), SAY])) > 0


def test_a_rotated_photo_is_seen_upright(server: Server):
    """EXIF orientation 6: stored lying, shown upright. Its grid, and so its answer, are those of the upright picture."""
    upright = plain(56, 168)
    upright.paste((10, 200, 30), (0, 0, 56, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = encoded(upright.transpose(Image.Transpose.ROTATE_90), exif=exif)
    as_sent, wanted = (
        server.chat([image_part(picture), SAY], logprobs=True, top_logprobs=3, max_tokens=1) for picture in (lying, encoded(upright))
    )
    assert as_sent.status == wanted.status == 200
    found, expected = (r.body["choices"][0]["logprobs"]["content"][0]["logprob"] for r in (as_sent, wanted))
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.png", "https://localhost:9/a.png", "file:///etc/hosts"])
def test_a_picture_that_cannot_be_fetched_is_an_error_of_this_request_only(server: Server, url):
    reply = server.chat([{"type": "image_url", "image_url": {"url": url}}, SAY])
    assert reply.status >= 400
    assert server.alive()


def test_after_all_that_the_numbers_are_still_right(server: Server, golden: Golden):
    for case in golden.cases:
        reply = server.post("/v1/chat/completions", chat_body(golden, case))
        assert case.continued_by(reply.body["choices"][0]["token_ids"])
