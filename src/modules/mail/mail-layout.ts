import { html, type Html, type Piece } from '../../core/html'
import type { Mail } from '../../core/mail'
import { wordsFor, type Facts, type Reader, type Template } from './mail-template'

/** One layout for every mail: text and HTML say the same, nothing is loaded from elsewhere. */
export function layOut(to: Reader & { address: string }, template: Template, facts: Partial<Facts>): Mail {
  const { language, subject, text } = wordsFor(to, template, facts)
  const { code, link = facts.disownLink } = facts
  const blocks = text.map((paragraph) => blockOf(paragraph, facts))
  return {
    to: to.address,
    subject,
    text: blocks.map((block) => block.text).join('\n\n'),
    html: page(
      language,
      subject,
      blocks.map((block) => block.html),
    ).toString(),
    ...(code !== undefined && { code }),
    ...(link != null && { link }),
  }
}

/** A paragraph in both forms. A button is known by its link, which no other paragraph ends with. */
function blockOf(
  paragraph: string,
  { code, link, disownLink }: Partial<Facts>,
): { text: string; html: Html } {
  if (paragraph === code) {
    return {
      text: code,
      html: html`<p
        class="code"
        style="margin:24px 0;padding:16px 8px;background:#f5f4f1;border-radius:10px;font:600 26px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.1em;text-align:center"
      >
        ${code}
      </p>`,
    }
  }
  const target = [link, disownLink].find((one) => one != null && paragraph.endsWith(`](${one})`))
  if (target !== undefined) {
    const label = paragraph.slice(1, -`](${target})`.length)
    return {
      text: `${label}:\n${target}`,
      html: html`<p style="margin:24px 0">
        <a
          class="button"
          href="${target}"
          style="display:block;padding:14px 20px;background:#a8552f;color:#fff;border-radius:10px;font-weight:600;text-align:center;text-decoration:none"
          >${label}</a
        >
      </p>`,
    }
  }
  const lines = paragraph.split('\n').map((line, index): Piece => [index > 0 && BREAK, line])
  return { text: paragraph, html: html`<p style="margin:0 0 16px">${lines}</p>` }
}

const BREAK = html`<br />`

const page = (language: string, subject: string, blocks: readonly Html[]): Html =>
  html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${subject}</title>
        <style>
          @media (prefers-color-scheme: dark) {
            .paper {
              background: #161513 !important;
              color: #f1efe9 !important;
            }
            .card {
              background: #201f1c !important;
              border-color: #38352f !important;
            }
            .code {
              background: #2b2925 !important;
            }
            .button {
              background: #e39a72 !important;
              color: #1d1c1a !important;
            }
          }
        </style>
      </head>
      <body class="paper" style="margin:0;background:#f5f4f1;color:#1d1c1a">
        <div
          class="paper"
          style="padding:32px 16px;background:#f5f4f1;color:#1d1c1a;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif"
        >
          <div
            class="card"
            style="max-width:480px;margin:0 auto;padding:28px 28px 12px;background:#fff;border:1px solid #e3e0d9;border-radius:16px"
          >
            <p style="margin:0 0 20px;font-weight:600">Portico</p>
            ${blocks}
          </div>
        </div>
      </body>
    </html>`
