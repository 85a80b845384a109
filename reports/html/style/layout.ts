/** The frame of the page: text, header, contents beside the sections, cards. */
export const LAYOUT = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 400 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code { font: .875em/1.5 var(--mono); }
.to-report { position: absolute; left: -999rem; background: var(--card); color: var(--ink); padding: .6rem 1rem; border-radius: 0 0 8px 0; z-index: 2; }
.to-report:focus { left: 0; top: 0; }
.frame { max-width: 1240px; margin: 0 auto; padding: 0 1.5rem; }
.masthead { padding: 2.25rem 0 1.25rem; }
.masthead h1 { font-size: clamp(1.75rem, 1.2rem + 2.2vw, 2.5rem); letter-spacing: -.02em; }
.masthead .eyebrow { color: var(--muted); font-size: var(--small); margin-bottom: .35rem; }
.masthead .line { color: var(--muted); margin-top: .6rem; max-width: 70ch; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; padding-bottom: 3rem; }
.contents { font-size: var(--small); }
.contents h2 { font-size: var(--small); color: var(--muted); font-weight: 600; margin-bottom: .4rem; }
.contents ol { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .1rem .9rem; }
.contents a { display: inline-block; padding: .2rem 0; text-decoration: none; }
.contents a:hover { text-decoration: underline; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; min-width: 0; }
@media (min-width: 1100px) {
  .columns { grid-template-columns: 11.5rem minmax(0, 1fr); gap: 2rem; }
  .contents { position: sticky; top: 1.5rem; align-self: start; max-height: calc(100vh - 3rem); overflow-y: auto; }
  .contents ol { flex-direction: column; gap: 0; border-left: 1px solid var(--line); padding-left: .9rem; }
}
.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.5rem; min-width: 0; }
.card > h2 { font-size: 1.3rem; letter-spacing: -.01em; margin-bottom: .35rem; }
.card h3 { font-size: 1.02rem; margin: 1.5rem 0 .5rem; }
.card > .lead { color: var(--muted); max-width: 72ch; margin-bottom: 1.1rem; }
.note { color: var(--muted); font-size: var(--small); max-width: 76ch; margin-top: .75rem; }
.stack > * + * { margin-top: .75rem; }
.foot { color: var(--muted); font-size: var(--small); border-top: 1px solid var(--line); padding: 1.25rem 0 2.5rem; }
@media (max-width: 600px) {
  .frame { padding: 0 .9rem; }
  .card { padding: 1.1rem; border-radius: 12px; }
  .masthead { padding-top: 1.5rem; }
}
`;
