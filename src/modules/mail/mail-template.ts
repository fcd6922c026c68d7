import { html } from '../../core/html'
import type { Mail } from '../../core/mail'

interface Content {
  subject: string
  /** Paragraphs of plain text. */
  paragraphs: string[]
  code?: string
  link?: { url: string; label: string }
}

/** One layout for every mail: text and HTML say the same, nothing is loaded from elsewhere. */
function mail(to: string, { subject, paragraphs, code, link }: Content): Mail {
  const text = [
    ...paragraphs,
    ...(code ? [code] : []),
    ...(link ? [`${link.label}:\n${link.url}`] : []),
  ].join('\n\n')
  const content = html`<!doctype html>
    <html lang="en">
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
            style="max-width:480px;margin:0 auto;padding:28px;background:#fff;border:1px solid #e3e0d9;border-radius:16px"
          >
            <p style="margin:0 0 20px;font-weight:600">Portico</p>
            ${paragraphs.map((paragraph) => html`<p style="margin:0 0 16px">${paragraph}</p> `)}
            ${code && html`<p class="code" style="margin:24px 0;padding:16px 8px;background:#f5f4f1;border-radius:10px;font:600 26px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.1em;text-align:center">${code}</p>`}
            ${link && html`<p style="margin:24px 0 0"><a class="button" href="${link.url}" style="display:block;padding:14px 20px;background:#a8552f;color:#fff;border-radius:10px;font-weight:600;text-align:center;text-decoration:none">${link.label}</a></p>`}
          </div>
        </div>
      </body>
    </html>`
  return {
    to,
    subject,
    text,
    html: content.toString(),
    ...(code && { code }),
    ...(link && { link: link.url }),
  }
}

/** Proves that an address belongs to whoever signs up with it. */
export function signUpCodeMail(
  to: string,
  { code, link, minutes }: { code: string; link: string; minutes: number },
): Mail {
  return mail(to, {
    subject: `${code} is your code`,
    paragraphs: [
      `Enter this code within ${minutes} minutes to finish signing up. If it was not you who asked for it, you need do nothing.`,
    ],
    code,
    link: { url: link, label: 'Finish signing up' },
  })
}

/** Lets somebody replace a forgotten password. */
export function passwordResetMail(
  to: string,
  {
    code,
    link,
    codeMinutes,
    linkMinutes,
  }: { code: string; link: string; codeMinutes: number; linkMinutes: number },
): Mail {
  return mail(to, {
    subject: 'Choose a new password',
    paragraphs: [
      `Somebody, perhaps you, has asked to replace the password of your account. Follow the link within ${linkMinutes} minutes, or enter the code within ${codeMinutes}.`,
      'If it was not you, you need do nothing: your password stays as it is.',
    ],
    code,
    link: { url: link, label: 'Choose a new password' },
  })
}

/** Tells somebody that their password is another one now. */
export function passwordChangedMail(to: string): Mail {
  return mail(to, {
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was changed, and all other sessions were ended.',
      'If it was not you, ask for a new password at once.',
    ],
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

/** Tells somebody of a sign-in from a device that they have not used of late. `network` is coarse, null where it is not known. */
export function newDeviceMail(
  to: string,
  { deviceName, network, at }: { deviceName: string; network: string | null; at: Date },
): Mail {
  const moment = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return mail(to, {
    subject: 'A sign-in from a new device',
    paragraphs: [
      `Somebody, probably you, has signed in to your account on ${moment}: ${deviceName}${network ? `, from the network ${network}` : ''}.`,
      'If it was not you, change your password at once. That ends all other sessions.',
    ],
  })
}

/** Tells somebody that a session of theirs may have been stolen, and was ended for that. */
export function tokenReusedMail(to: string, { deviceName }: { deviceName: string }): Mail {
  return mail(to, {
    subject: 'One of your sessions was ended',
    paragraphs: [
      `A key of your session on ${deviceName} was used after it had been replaced. Somebody may have copied it, so the session was ended.`,
      'You need only sign in there again. If this happens more than once, change your password.',
    ],
  })
}
