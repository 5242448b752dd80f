// Takes a picture of a page that Perdura wrote, for instance a data report.
//   npm install && node page.mjs report.html out.png
// CHROMIUM names the browser (default /usr/bin/chromium).
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node page.mjs FILE.html OUT.png");
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
await page.goto(pathToFileURL(file).href);
await page.screenshot({ path: out, fullPage: true });
await browser.close();
