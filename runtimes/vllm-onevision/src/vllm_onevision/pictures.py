"""Which pictures are refused before they are looked at, because serving them would quietly show the model something else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image
from vllm.exceptions import VLLMValidationError
from vllm.inputs import ModalityData
from vllm.multimodal.image import open_image
from vllm.multimodal.media import MediaWithBytes
from vllm.multimodal.parse import ModalityDataItems, MultiModalDataParser


class PictureParser(MultiModalDataParser):
    """vLLM's parser, which has the encoded bytes of a picture at hand after it was decoded to 8-bit RGB."""

    def _parse_image_data(self, data: ModalityData[Any]) -> ModalityDataItems[Any, Any] | None:
        for item in data if isinstance(data, list) else [data]:
            if isinstance(item, MediaWithBytes) and isinstance(item.original_bytes, bytes):
                with open_image(BytesIO(item.original_bytes)) as encoded:
                    check_picture(encoded)
            elif isinstance(item, Image.Image):
                check_picture(item)
        return super()._parse_image_data(data)


def check_picture(picture: Image.Image) -> None:
    """Raise VLLMValidationError (a 400) for a picture whose conversion to 8-bit RGB loses what it shows."""
    if picture.mode.startswith(("I", "F")):
        # Pillow clips such samples to 255 instead of scaling them: most of the picture turns white.
        raise VLLMValidationError(
            f"The picture has {picture.mode} samples (16 or 32 bits of grey). Send it with 8 bits per sample.", parameter="image"
        )
    frames = getattr(picture, "n_frames", 1)
    if frames > 1:
        raise VLLMValidationError(f"The picture is an animation of {frames} frames. Send one frame as a still picture.", parameter="image")
