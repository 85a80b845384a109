import { LIGHT_COLOURS } from './tokens';

/** Paper: light colours, folds opened, scroll areas unfolded, no card torn apart where it can be helped. */
export const PRINT = `
@page { size: A4; margin: 14mm 13mm 16mm; }
@media print {
  :root { color-scheme: light; ${LIGHT_COLOURS} --page: #ffffff; }
  html { font-size: 9.5pt; }
  body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .to-report, .contents { display: none; }
  .frame { max-width: none; padding: 0; }
  .masthead { padding: 0 0 1rem; }
  .columns, main { display: block; }
  .card { border: 0; border-top: 1px solid var(--strong-line); border-radius: 0; padding: 1rem 0; }
  .scroll { overflow: visible; border-radius: 0; }
  table { font-size: 8pt; }
  th, td { padding: .3rem .45rem; min-width: 0; }
  tbody th, tfoot th, td.wide { min-width: 0; }
  .evidence code, td code { overflow-wrap: anywhere; white-space: normal; }
  thead th { white-space: normal; }
  thead { display: table-header-group; } tfoot { display: table-row-group; }
  tr, .tile, .point, .answer, .chart, .facts > div { break-inside: avoid; }
  h2, h3, h4, summary, .lead { break-after: avoid; break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  details { border: 0; }
  summary { list-style: none; padding: .4rem 0; }
  .inside { padding: .3rem 0; }
  .names { columns: 11rem; font-size: 7.5pt; }
  .chart .wide { display: block; } .chart .narrow { display: none; }
  a { color: inherit; text-decoration: none; }
}
`;
