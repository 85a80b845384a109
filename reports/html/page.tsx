import { createHash } from 'node:crypto';
import type { ComponentChildren } from 'preact';
import { STYLE_SHEET } from './style';

export interface ContentsEntry {
  readonly id: string;
  readonly title: string;
}

interface PageProps {
  readonly title: string;
  readonly header: ComponentChildren;
  readonly contents: readonly ContentsEntry[];
  readonly footer: string;
  readonly children: ComponentChildren;
}

/** The document around the sections: policy of the page, style, skip link, contents. Nothing is loaded and no script runs. */
export function Page(props: PageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={CONTENT_SECURITY_POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>{props.title}</title>
        <style>{STYLE_SHEET}</style>
      </head>
      <body>
        <a class="to-report" href="#report">
          Skip to the report
        </a>
        <div class="frame">
          <header class="masthead">{props.header}</header>
          <div class="columns">
            <nav class="contents" aria-labelledby="contents-title">
              <h2 id="contents-title">On this page</h2>
              <ol>
                {props.contents.map((entry) => (
                  <li key={entry.id}>
                    <a href={`#${entry.id}`}>{entry.title}</a>
                  </li>
                ))}
              </ol>
            </nav>
            <main id="report" tabIndex={-1}>
              {props.children}
            </main>
          </div>
          <footer class="foot">{props.footer}</footer>
        </div>
      </body>
    </html>
  );
}

/** Only the page's own style sheet, by its hash: an injected style, script, image or form has no effect. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE_SHEET).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
