/** Charts: inline SVG that follows the colour scheme; each has a wide and a narrow drawing, so that letters stay readable on a phone. */
export const CHARTS = `
.chart { margin: .5rem 0 0; }
.chart svg { display: block; width: 100%; height: auto; font-family: var(--sans); }
.chart .narrow { display: none; }
@media (max-width: 640px) { .chart .wide { display: none; } .chart .narrow { display: block; } }
.chart text { fill: var(--ink); font-size: 13px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.chart text.muted { fill: var(--muted); font-size: 12px; }
.chart text.strong { font-weight: 650; }
.chart text.on-budget { fill: var(--denied); font-size: 12px; font-weight: 600; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart .axis { stroke: var(--strong-line); stroke-width: 1; }
.chart .card-area { fill: var(--inset); stroke: var(--strong-line); stroke-width: 1; }
.chart .limit { stroke: var(--denied); stroke-width: 2; stroke-dasharray: 6 4; }
.chart .need { stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 3 4; }
.chart .whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; opacity: .75; }
.chart .link { stroke: var(--strong-line); stroke-width: 1; stroke-dasharray: 2 3; }
.chart .t1 { fill: var(--term-1); } .chart .t2 { fill: var(--term-2); } .chart .t3 { fill: var(--term-3); }
.chart .t4 { fill: var(--term-4); } .chart .t5 { fill: var(--term-5); } .chart .t6 { fill: var(--term-6); }
.chart .total { fill: var(--muted); }
.chart .dot { fill: var(--card); stroke: var(--term-5); stroke-width: 2; }
.chart .dot.chosen { fill: var(--accent); stroke: var(--accent); }
.chart .ring { fill: none; stroke: var(--accent); stroke-width: 2; }
.chart .spread { stroke: var(--term-5); stroke-width: 1.5; opacity: .45; }
.chart .spread.chosen { stroke: var(--accent); opacity: .8; }
.chart figcaption { color: var(--muted); font-size: var(--small); margin-top: .5rem; max-width: 76ch; }
`;
