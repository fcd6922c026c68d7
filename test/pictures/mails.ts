import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { LANGUAGES } from '../../src/core/language'
import { layOut } from '../../src/modules/mail/mail-layout'
import type { Template } from '../../src/modules/mail/mail-template'
import { MAILS } from '../../src/modules/mail/mails'
import { SAMPLE } from '../../src/modules/mail/sample-facts'

/*
 * Pictures of every mail in every language, as wide as a phone and as a desktop, for people to look at: one of each, and sheets of many.
 * It fails where a mail is wider than its window. `npm run pictures [folder]`
 */

const WIDTHS = { phone: 390, desktop: 1024 } as const
const PER_SHEET = 8

const folder = process.argv[2] ?? join(tmpdir(), 'portico-mails')

async function takePictures(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  const tooWide: string[] = []
  try {
    for (const [device, width] of Object.entries(WIDTHS)) {
      const page = await browser.newPage({ viewport: { width, height: 700 }, javaScriptEnabled: false })
      for (const language of LANGUAGES) {
        const pictures: string[] = []
        for (const [name, words] of Object.entries<Template>(MAILS)) {
          const mail = layOut(
            { address: 'ada@example.com', locale: language, timeZone: 'UTC' },
            words,
            SAMPLE,
          )
          await page.setContent(mail.html)
          const { width: shown } = (await page.locator('html').boundingBox())!
          const content = await page.locator('.card').evaluate((card) => card.scrollWidth - card.clientWidth)
          if (shown > width || content > 0) tooWide.push(`${name} (${language}, ${device})`)
          const picture = await page.screenshot({ fullPage: true })
          writeFileSync(join(folder, `${name}.${language}.${device}.png`), picture)
          pictures.push(
            `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${picture.toString('base64')}"></figure>`,
          )
        }
        for (let at = 0; at < pictures.length; at += PER_SHEET) {
          const sheet = await browser.newPage({ viewport: { width: 1640, height: 400 } })
          await sheet.setContent(
            `<style>body{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;font:14px sans-serif}figure{margin:0}img{width:100%}</style>${pictures.slice(at, at + PER_SHEET).join('')}`,
          )
          await sheet.screenshot({
            fullPage: true,
            path: join(folder, `sheet.${language}.${device}.${at / PER_SHEET}.png`),
          })
          await sheet.close()
        }
      }
      await page.close()
    }
  } finally {
    await browser.close()
  }
  if (tooWide.length > 0) throw new Error(`Wider than their window: ${tooWide.join(', ')}`)
  process.stdout.write(`Pictures of ${Object.keys(MAILS).length} mails are in ${folder}\n`)
}

void takePictures().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
