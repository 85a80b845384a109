/** The pieces that sections are built of: states, tiles, definition lists, tables, folds. */
export const COMPONENTS = `
.state { display: inline-flex; align-items: center; gap: .35em; font-weight: 600; font-size: var(--tiny); line-height: 1.3; border-radius: 999px; padding: .18rem .6rem .18rem .45rem; white-space: nowrap; }
.state svg { width: 1em; height: 1em; flex: none; }
.is-allowed { color: var(--allowed); background: var(--allowed-soft); } .is-denied { color: var(--denied); background: var(--denied-soft); }
.is-unknown { color: var(--unknown); background: var(--unknown-soft); } .is-conflict { color: var(--conflict); background: var(--conflict-soft); }
.is-unavailable, .is-plain { color: var(--unavailable); background: var(--unavailable-soft); }
.verdicts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1rem; }
.answer { border-radius: 12px; padding: 1.1rem 1.25rem; border: 1px solid currentColor; min-width: 0; }
.answer .what { font-size: var(--small); font-weight: 600; }
.answer .headline { display: flex; gap: .5rem; align-items: baseline; font-size: 1.4rem; font-weight: 650; line-height: 1.25; letter-spacing: -.01em; margin: .2rem 0 .4rem; }
.answer .headline svg { width: .85em; height: .85em; flex: none; }
.answer .say { color: var(--ink); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10.5rem, 100%), 1fr)); gap: .75rem; margin: 1rem 0 0; }
.tile { background: var(--inset); border-radius: 10px; padding: .8rem .95rem; min-width: 0; }
.tile dt { color: var(--muted); font-size: var(--tiny); }
.tile .big { font-size: 1.45rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.3; display: block; }
.tile .fine { color: var(--muted); font-size: var(--tiny); line-height: 1.4; display: block; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .9rem 1.5rem; }
.facts dt { color: var(--muted); font-size: var(--tiny); }
.facts .fine { color: var(--muted); font-size: var(--small); display: block; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; margin-top: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: var(--small); line-height: 1.45; }
caption { text-align: left; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-bottom: 1px solid var(--line); min-width: 5rem; overflow-wrap: break-word; }
thead th { color: var(--muted); font-weight: 600; background: var(--inset); vertical-align: bottom; text-wrap: balance; }
tbody th, tfoot th { font-weight: 600; min-width: 8.5rem; }
tbody tr:last-child > *, tfoot tr:last-child > * { border-bottom: 0; }
tfoot th, tfoot td { border-top: 2px solid var(--strong-line); font-weight: 650; }
td.num, th.num { text-align: right; }
td.num, td.name { white-space: nowrap; }
thead th { white-space: normal; min-width: 4.5rem; }
td.wide { min-width: 14rem; overflow-wrap: anywhere; }
td code { overflow-wrap: normal; white-space: nowrap; }
td .fine, th .fine { display: block; color: var(--muted); font-weight: 400; font-size: var(--tiny); }
table.dense { font-size: var(--tiny); } .dense th, .dense td { padding: .45rem .5rem; } .dense tbody th { min-width: 6.5rem; } .dense .fine { font-size: .75rem; }
tr.chosen > * { background: var(--accent-soft); }
details { border: 1px solid var(--line); border-radius: 10px; margin-top: .6rem; }
summary { cursor: pointer; padding: .6rem .9rem; font-weight: 600; border-radius: 10px; }
summary .fine { color: var(--muted); font-weight: 400; font-size: var(--small); }
details[open] > summary { border-bottom: 1px solid var(--line); border-radius: 10px 10px 0 0; }
.inside { padding: .8rem .9rem; }
.inside > .scroll:first-child { margin-top: 0; }
.point { border: 1px solid var(--line); border-left: 4px solid var(--strong-line); border-radius: 10px; padding: .85rem 1rem; margin-top: .7rem; }
.point.by-denied { border-left-color: var(--denied); } .point.by-unknown { border-left-color: var(--unknown); }
.point.by-conflict { border-left-color: var(--conflict); } .point.by-unavailable { border-left-color: var(--unavailable); } .point.by-allowed { border-left-color: var(--allowed); }
.card .point h3, .card .point h4 { margin: 0; font-size: 1rem; line-height: 1.35; overflow-wrap: anywhere; }
.point .head { display: flex; flex-wrap: wrap; gap: .35rem .6rem; align-items: center; justify-content: space-between; }
.point p { margin-top: .35rem; }
.point .meta { color: var(--muted); font-size: var(--tiny); display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-top: .45rem; }
.point .closes { background: var(--inset); border-radius: 8px; padding: .45rem .7rem; font-size: var(--small); }
.members { padding-left: 1.1rem; margin: .5rem 0; font-size: var(--small); } .members li + li { margin-top: .5rem; }
.members.compact { columns: 20rem; column-gap: 1.5rem; } .members.compact li { break-inside: avoid; margin: 0; padding: .08rem 0; }
.members .where, .members code { color: var(--muted); font-size: var(--tiny); }
.glance { list-style: none; padding: 0; } .glance li { display: grid; grid-template-columns: 8.2rem minmax(0, 1fr); gap: .6rem; align-items: baseline; padding: .3rem 0; } .glance .state { justify-self: start; }
.evidence { font-size: var(--small); padding-left: 1.1rem; margin-top: .45rem; }
.evidence li + li { margin-top: .3rem; }
.evidence .fine { color: var(--muted); font-size: var(--tiny); display: block; }
  .tag { font-size: var(--tiny); color: var(--muted); border: 1px solid var(--strong-line); border-radius: 999px; padding: .08rem .55rem; white-space: nowrap; }
.point .signs { display: flex; flex-wrap: wrap; gap: .35rem; align-items: center; }
h4 { margin: .2rem 0 .35rem; line-height: 1.3; }
.tally { display: flex; flex-wrap: wrap; gap: .4rem .5rem; list-style: none; padding: 0; margin-top: .8rem; }
.plainlist { padding-left: 1.15rem; } .plainlist li + li { margin-top: .35rem; }
.names { list-style: none; padding: 0; columns: 14rem; column-gap: 1.25rem; font-size: var(--tiny); }
.names li { break-inside: avoid; padding: .06rem 0; }
.args { background: var(--inset); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; margin-top: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .8125rem/1.65 var(--mono); }
@media (max-width: 600px) {
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack tbody, .stack tfoot { display: block; }
  .stack tr { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; column-gap: .9rem; padding: .55rem .75rem; border-bottom: 1px solid var(--line); }
  .stack tbody tr:last-child, .stack tfoot tr:last-child { border-bottom: 0; }
  .stack tr > * { border: 0; padding: 0; min-width: 0; grid-row: 1; } .stack tr > .wide { grid-row: 2; grid-column: 1 / -1; margin-top: .25rem; color: var(--muted); min-width: 0; }
  .stack tbody th, .stack tfoot th { min-width: 0; } .stack tfoot tr { border-top: 2px solid var(--strong-line); }
  .names { columns: 1; } .answer .headline { font-size: 1.2rem; } th, td { padding: .45rem .6rem; }
  .glance li { grid-template-columns: 1fr; gap: .15rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; } .tile { padding: .65rem .7rem; } .tile .big { font-size: 1.2rem; }
  .facts { gap: .55rem; } .facts > div { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .75rem; } .facts dt { padding-top: .12rem; }
}
`;
