// Takes a picture of lines as a terminal shows them.
//   npm install && node terminal.mjs LINES.txt out.png        lines of plain text, for instance a screen of 'perdura sweep watch'
// CHROMIUM names the browser (default /usr/bin/chromium).
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [file, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node terminal.mjs LINES.txt OUT.png");
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 100 }, deviceScaleFactor: 1.5 });
await page.setContent(`<pre style="display: inline-block; margin: 0; padding: 16px 20px; border-radius: 8px; background: #1d1f21;
  color: #e0e0e0; font: 14px/1.45 'DejaVu Sans Mono', monospace"></pre><style>body { margin: 0 }</style>`);
const pre = page.locator("pre");
await pre.evaluate((element, text) => { element.textContent = text; }, readFileSync(file, "utf8").trimEnd());
await pre.screenshot({ path: out, omitBackground: true });
await browser.close();
