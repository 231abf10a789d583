// Opens every page given, offline, in a headless browser, and reports what a reader would stumble over:
//   CHROMIUM=/usr/bin/chromium node tests/pages/check.mjs PAGE.html…
// Light and dark: no console message (a breach of the page's own CSP is one), no request beyond the file,
// no finding of axe (WCAG 2 A and AA). On a phone: nothing to scroll sideways. On paper: pages.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(new URL('../../target/pages/tools/', import.meta.url))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
let findings = 0
const find = (page, text) => { findings += 1; console.log(`${page}: ${text}`) }

for (const file of process.argv.slice(2)) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(file, { colorScheme, viewport: { width: 1280, height: 900 } }, colorScheme)
    // axe judges what is laid out, so what is folded is opened first.
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true }))
    await page.evaluate(axe)
    const { violations } = await page.evaluate(() => globalThis.axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    }))
    for (const v of violations) {
      find(file, `${colorScheme}: ${v.id}: ${v.help} (${v.nodes.length}×, first ${v.nodes[0].target})`)
    }
    await page.context().close()
  }

  const phone = await open(file, { viewport: { width: 360, height: 740 } }, 'phone')
  const width = await phone.evaluate(() => document.documentElement.scrollWidth)
  if (width > 361) find(file, `phone: ${width} px wide on a screen of 360`)
  const pdf = (await phone.pdf({ format: 'A4' })).toString('latin1')
  const sheets = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length
  if (sheets === 0) find(file, 'print: no page')
  if (file.endsWith('/executive.html') && sheets !== 1) find(file, `print: ${sheets} pages instead of one`)
  await phone.context().close()
  console.log(`${file}: seen; prints on ${sheets} pages`)
}
await browser.close()
console.log(findings === 0 ? 'nothing found' : `${findings} findings`)
process.exitCode = findings === 0 ? 0 : 1

// Opens a page, and reports every message and every request it makes.
async function open(file, options, label) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.on('console', (message) => find(file, `${label}: console: ${message.text()}`))
  page.on('pageerror', (error) => find(file, `${label}: error: ${error.message}`))
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) find(file, `${label}: asks for ${request.url()}`)
  })
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' })
  return page
}
