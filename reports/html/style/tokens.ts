/** Colours of one scheme. Text on its surface has at least 4.5:1 contrast (checked by axe in a browser). */
export const LIGHT_COLOURS = `
  --page: #f4f5f8; --card: #ffffff; --inset: #f6f7fa; --ink: #18212e; --muted: #525e6f; --line: #dbe0e8; --strong-line: #b4bdca;
  --accent: #2a4fb0; --accent-soft: #e8eefb;
  --allowed: #17663a; --allowed-soft: #e4f4ea; --denied: #a01c1c; --denied-soft: #fcebea;
  --unknown: #7b4a00; --unknown-soft: #fdf1da; --conflict: #6b2d90; --conflict-soft: #f5ebfb;
  --unavailable: #3e4c60; --unavailable-soft: #e8ecf2;
  --term-1: #3559b8; --term-2: #1f8a80; --term-3: #b0662a; --term-4: #7e55b5; --term-5: #5d6b80; --term-6: #a83f6a;
`;

const DARK_COLOURS = `
  --page: #0e131a; --card: #161d27; --inset: #1b2430; --ink: #e6ebf2; --muted: #a4b0c1; --line: #2a3543; --strong-line: #46566b;
  --accent: #92b4ff; --accent-soft: #1c2b4a;
  --allowed: #7fd7a2; --allowed-soft: #143022; --denied: #ff9e95; --denied-soft: #3b1a1a;
  --unknown: #f3c673; --unknown-soft: #35280f; --conflict: #d7a8f5; --conflict-soft: #301c40;
  --unavailable: #b6c3d6; --unavailable-soft: #232e3d;
  --term-1: #7f9ff5; --term-2: #4fc0b4; --term-3: #e0985c; --term-4: #b593e6; --term-5: #93a1b7; --term-6: #e07fa5;
`;

/** Colours and sizes of the page, light and dark. */
export const TOKENS = `
:root {
  color-scheme: light dark;
  ${LIGHT_COLOURS}
  --small: .875rem; --tiny: .8125rem; --radius: 14px;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) { :root { ${DARK_COLOURS} } }
`;
