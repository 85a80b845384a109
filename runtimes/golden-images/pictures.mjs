// The pictures of the kit: puppet-like characters and props, each one clear about what it is, what colour it has and what is written.
import { word } from './letters.mjs';
import { at, canvas, disc, ellipse, line, polygon, rectangle } from './raster.mjs';

/** A multiple of 28 on both sides, so that the model's processor does not resize: 256 image tokens. */
const SIDE = 448;

const WOOD = '#a9713b';
const DARK_WOOD = '#7a4d22';
const BLACK = '#1b1b1b';
const WHITE = '#ffffff';

/** Every picture by its file name. */
export const PICTURES = {
  'red-dragon.png': redDragon,
  'king.png': king,
  'banner.png': banner,
  'apples.png': apples,
  'fox-and-key.png': foxAndKey,
  'witch.png': witch,
};

function stage(background) {
  const picture = canvas(SIDE, SIDE, background);
  rectangle(picture, 0, 380, SIDE, SIDE, WOOD);
  for (let x = 0; x < SIDE; x += 64)
    line(
      picture,
      [
        [x, 380],
        [x, SIDE],
      ],
      2,
      DARK_WOOD,
    );
  rectangle(picture, 0, 376, SIDE, 382, DARK_WOOD);
  return picture;
}

/** The cross of a marionette above the picture's middle, with strings to the given points. */
function strings(picture, cx, points) {
  for (const [x, y] of points)
    line(
      picture,
      [
        [cx + (x - cx) * 0.6, 26],
        [x, y],
      ],
      1.6,
      '#555555',
    );
  const reach = Math.max(40, ...points.map(([x]) => Math.abs(x - cx) * 0.6 + 8));
  line(
    picture,
    [
      [cx - reach, 24],
      [cx + reach, 24],
    ],
    12,
    DARK_WOOD,
  );
  line(
    picture,
    [
      [cx, 10],
      [cx, 38],
    ],
    10,
    DARK_WOOD,
  );
}

function eye(picture, x, y, r) {
  disc(picture, x, y, r, WHITE);
  disc(picture, x + r * 0.15, y, r * 0.55, BLACK);
}

function redDragon() {
  const p = stage('#cfe8f7');
  const [red, dark, belly] = ['#d81f26', '#9c1219', '#f4b6a0'];
  strings(p, 230, at('150,150 215,210 320,250'));
  // far wing, tail, near wing
  polygon(p, at('220,240 180,120 226,150 250,104 270,150 312,128 285,240'), dark);
  line(p, at('300,300 352,322 394,300 404,256'), 24, red);
  polygon(p, at('380,262 406,208 430,264'), dark);
  // legs and body
  for (const x of [200, 286]) {
    rectangle(p, x, 318, x + 34, 372, dark);
    ellipse(p, x + 12, 372, 26, 10, dark);
  }
  ellipse(p, 250, 284, 84, 58, red);
  ellipse(p, 242, 304, 58, 36, belly);
  // spikes on the back, neck and head
  for (const [x, y] of at('268,228 300,240 324,262'))
    polygon(
      p,
      [
        [x - 14, y + 10],
        [x + 6, y - 22],
        [x + 16, y + 14],
      ],
      '#f28c1b',
    );
  line(p, at('200,262 168,214 156,176'), 44, red);
  ellipse(p, 148, 160, 46, 36, red);
  ellipse(p, 104, 176, 38, 22, red);
  disc(p, 80, 168, 4, BLACK);
  line(p, at('70,184 118,190'), 4, dark);
  polygon(p, at('150,130 164,88 172,132'), '#f6d04d');
  polygon(p, at('174,136 196,100 190,146'), '#f6d04d');
  eye(p, 140, 150, 12);
  // teeth and fire
  for (const x of [82, 96, 110])
    polygon(
      p,
      [
        [x - 6, 187],
        [x + 6, 188],
        [x, 200],
      ],
      WHITE,
    );
  polygon(p, at('70,186 8,150 26,182 2,196 28,208 12,236'), '#f28c1b');
  polygon(p, at('66,188 28,176 36,190 22,200 36,206'), '#ffe14a');
  return p;
}

function king() {
  const p = stage('#f3ead2');
  const [blue, gold, skin] = ['#1f4fb5', '#f2c61f', '#f0c39c'];
  strings(p, 224, at('120,300 224,84 328,300'));
  // robe with a white hem, arms and hands
  polygon(p, at('224,214 110,392 338,392'), blue);
  polygon(p, at('104,376 344,376 352,398 96,398'), WHITE);
  for (let x = 118; x < 340; x += 28) disc(p, x, 388, 4, BLACK);
  line(p, at('186,268 124,306'), 34, blue);
  line(p, at('262,268 324,306'), 34, blue);
  disc(p, 114, 312, 17, skin);
  // sceptre, with the hand around it
  line(p, at('336,380 336,236'), 8, gold);
  disc(p, 336, 226, 15, gold);
  disc(p, 334, 312, 17, skin);
  // head with beard
  ellipse(p, 224, 178, 58, 62, skin);
  polygon(p, at('168,186 280,186 262,252 224,290 186,252'), '#f4f4f4');
  ellipse(p, 224, 202, 18, 7, '#b5402f');
  ellipse(p, 224, 182, 11, 14, '#dd9f78');
  line(p, at('196,190 218,194'), 9, '#e2e2e2');
  line(p, at('230,194 252,190'), 9, '#e2e2e2');
  eye(p, 201, 162, 11);
  eye(p, 247, 162, 11);
  // crown
  polygon(p, at('160,136 154,66 190,104 224,54 258,104 294,66 288,136'), gold);
  rectangle(p, 160, 118, 288, 138, '#d9a80f');
  for (const [x, colour] of [
    [184, '#c8102e'],
    [224, '#1f8a3c'],
    [264, '#c8102e'],
  ])
    disc(p, x, 128, 8, colour);
  for (const [x, y] of at('154,64 224,52 294,64')) disc(p, x, y, 8, '#d9a80f');
  return p;
}

function banner() {
  const p = stage('#2b2f45');
  const [curtain, fold] = ['#b3182a', '#8a0f1e'];
  for (const [left, right] of [
    [0, 78],
    [370, SIDE],
  ]) {
    rectangle(p, left, 0, right, 392, curtain);
    for (let x = left + 14; x < right; x += 22)
      line(
        p,
        [
          [x, 0],
          [x, 392],
        ],
        6,
        fold,
      );
  }
  for (let x = 0; x < SIDE; x += 64) ellipse(p, x + 32, 10, 36, 40, curtain);
  rectangle(p, 92, 106, 356, 312, '#f7f0dc');
  for (const [a, b] of [at('92,106 356,106'), at('356,106 356,312'), at('356,312 92,312'), at('92,312 92,106')])
    line(p, [a, b], 8, '#d9a80f');
  word(p, 'PUPPET', 224, 166, 40, BLACK);
  word(p, 'SHOW', 224, 250, 60, '#b3182a', 11);
  return p;
}

function apples() {
  const p = canvas(SIDE, SIDE, '#e9f2e4');
  rectangle(p, 0, 320, SIDE, SIDE, WOOD);
  rectangle(p, 0, 316, SIDE, 324, DARK_WOOD);
  for (const x of [92, 224, 356]) {
    ellipse(p, x, 330, 58, 12, DARK_WOOD);
    ellipse(p, x - 20, 272, 40, 58, '#d81f26');
    ellipse(p, x + 20, 272, 40, 58, '#d81f26');
    ellipse(p, x - 30, 250, 9, 18, '#f08a8a', 0.4);
    line(
      p,
      [
        [x, 224],
        [x + 6, 190],
      ],
      7,
      '#5b3a1a',
    );
    ellipse(p, x + 28, 196, 24, 10, '#2f9e44', -0.4);
  }
  return p;
}

function foxAndKey() {
  const p = stage('#d9ecd0');
  const [orange, dark] = ['#e8741c', '#3a2413'];
  // tail, body, legs
  line(p, at('92,352 46,320 40,262'), 46, orange);
  ellipse(p, 40, 244, 22, 32, WHITE);
  ellipse(p, 142, 316, 60, 66, orange);
  ellipse(p, 142, 332, 32, 46, WHITE);
  for (const x of [112, 172]) {
    line(
      p,
      [
        [x, 330],
        [x, 374],
      ],
      24,
      orange,
    );
    ellipse(p, x, 378, 20, 10, dark);
  }
  // head: a broad triangle with white cheeks and black tips of the ears
  polygon(p, at('68,166 76,66 130,130'), orange);
  polygon(p, at('216,166 208,66 154,130'), orange);
  polygon(p, at('73,100 76,66 96,90'), dark);
  polygon(p, at('211,100 208,66 188,90'), dark);
  polygon(p, at('84,150 86,98 116,132'), '#f7d9bd');
  polygon(p, at('200,150 198,98 168,132'), '#f7d9bd');
  ellipse(p, 142, 172, 80, 56, orange);
  polygon(p, at('64,180 220,180 142,272'), orange);
  polygon(p, at('62,182 118,190 142,268 104,236'), WHITE);
  polygon(p, at('222,182 166,190 142,268 180,236'), WHITE);
  ellipse(p, 142, 258, 15, 12, BLACK);
  for (const x of [110, 174]) {
    ellipse(p, x, 180, 10, 13, WHITE);
    ellipse(p, x, 182, 6, 9, BLACK);
  }
  // the key, upright: bow above, bit below
  const gold = '#f2c61f';
  disc(p, 340, 160, 54, gold);
  disc(p, 340, 160, 28, '#d9ecd0');
  line(p, at('340,210 340,352'), 20, gold);
  rectangle(p, 340, 304, 388, 322, gold);
  rectangle(p, 340, 336, 378, 354, gold);
  return p;
}

function witch() {
  const p = stage('#e7dcf2');
  const [black, green] = ['#26222e', '#5fae3a'];
  strings(p, 200, at('118,312 200,150 328,240'));
  // broom
  line(p, at('352,96 324,380'), 11, DARK_WOOD);
  polygon(p, at('316,282 352,286 372,392 286,384'), '#d9a441');
  for (let i = 0; i < 5; i += 1)
    line(
      p,
      [
        [322 + i * 6, 300],
        [296 + i * 17, 386],
      ],
      2.5,
      '#a97a26',
    );
  line(p, at('314,300 352,304'), 9, '#8a0f1e');
  // dress and arms
  polygon(p, at('200,240 108,396 292,396'), black);
  line(p, at('176,290 126,318'), 28, black);
  line(p, at('226,290 312,258'), 28, black);
  disc(p, 118, 324, 14, green);
  disc(p, 328, 252, 15, green);
  // hair, face, nose, mouth
  polygon(p, at('138,160 262,160 284,284 116,284'), '#6d6a70');
  ellipse(p, 200, 206, 54, 60, green);
  polygon(p, at('194,196 166,236 206,226'), '#3f8526');
  disc(p, 170, 230, 4, '#2c5c1b');
  line(p, at('182,246 204,252 226,244'), 5, '#3a1d1d');
  eye(p, 178, 190, 11);
  eye(p, 222, 190, 11);
  // pointed hat
  ellipse(p, 200, 156, 104, 20, black);
  polygon(p, at('140,152 260,152 222,44 236,30 204,38'), black);
  polygon(p, at('143,142 257,142 251,120 150,120'), '#7b2fa0');
  rectangle(p, 188, 118, 214, 144, '#f2c61f');
  rectangle(p, 194, 124, 208, 138, '#7b2fa0');
  return p;
}
