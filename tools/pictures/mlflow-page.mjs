// Takes a picture of one of MLflow's own pages with charts: a run's metrics, or trials side by side.
//   npm install && node mlflow-page.mjs URL out.png        URL as Perdura prints it, for instance 'perdura compare SWEEP --open'
// CHROMIUM names the browser (default /usr/bin/chromium).
import { chromium } from "playwright-core";

const [url, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node mlflow-page.mjs URL OUT.png");
  process.exit(2);
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
await page.addInitScript(() => {
  localStorage.setItem("mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true");
  localStorage.setItem("mlflow.assistant.panelOpen_v1", "false");
});
await page.goto(url);
await page.waitForSelector(".js-plotly-plot .main-svg", { timeout: 120_000 });
await page.waitForTimeout(4_000);
await page.screenshot({ path: out });
await browser.close();
