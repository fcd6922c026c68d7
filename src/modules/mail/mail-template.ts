import type { Mail } from '../../core/mail'

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

interface Content {
  subject: string
  /** Paragraphs of plain text. */
  paragraphs: string[]
  code?: string
  link?: { url: string; label: string }
}

/** One layout for every mail: text and HTML say the same, nothing is loaded from elsewhere. */
function mail(to: string, { subject, paragraphs, code, link }: Content): Mail {
  const text = [...paragraphs, ...(code ? [code] : []), ...(link ? [`${link.label}: ${link.url}`] : [])].join('\n\n')
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:32px 16px;background:#f4f4f2;font:16px/1.5 system-ui,sans-serif;color:#1c1c1a">
<div style="max-width:480px;margin:auto;padding:32px;background:#fff;border-radius:12px">
<p style="margin:0 0 24px;font-weight:600">Portico</p>
${paragraphs.map((paragraph) => `<p style="margin:0 0 16px">${escapeHtml(paragraph)}</p>`).join('\n')}
${code ? `<p style="margin:24px 0;font:600 28px/1 ui-monospace,monospace;letter-spacing:.12em">${escapeHtml(code)}</p>` : ''}
${link ? `<p style="margin:24px 0 0"><a href="${escapeHtml(link.url)}" style="display:inline-block;padding:12px 20px;background:#1c1c1a;color:#fff;border-radius:8px;text-decoration:none">${escapeHtml(link.label)}</a></p>` : ''}
</div></body></html>`
  return { to, subject, text, html, ...(code && { code }), ...(link && { link: link.url }) }
}

/** Proves that an address belongs to whoever signs up with it. */
export function signUpCodeMail(to: string, { code, link, minutes }: { code: string; link: string; minutes: number }): Mail {
  return mail(to, {
    subject: `${code} is your code`,
    paragraphs: [
      `Enter this code within ${minutes} minutes to finish signing up. If it was not you who asked for it, you need do nothing.`,
    ],
    code,
    link: { url: link, label: 'Finish signing up' },
  })
}

/** Goes to somebody whose address was used to sign up again; the one who typed it sees no difference. */
export function accountExistsMail(to: string): Mail {
  return mail(to, {
    subject: 'You already have an account',
    paragraphs: [
      'Somebody, perhaps you, has tried to sign up with this address. You have an account already, so nothing was changed.',
      'If it was you, sign in instead. If it was not, you need do nothing.',
    ],
  })
}
