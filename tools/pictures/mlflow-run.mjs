// Takes a picture of a run's metric page in MLflow's own UI.
//   npm install && node mlflow-run.mjs http://127.0.0.1:5000 EXPERIMENT_ID RUN_ID out.png
// CHROMIUM names the browser (default /usr/bin/chromium).
import { chromium } from "playwright-core";

const [tracking, experiment, run, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node mlflow-run.mjs TRACKING_URL EXPERIMENT_ID RUN_ID OUT.png");
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
await page.goto(`${tracking}/#/experiments/${experiment}/runs/${run}/model-metrics?workflowType=machine_learning`);
await page.waitForSelector(".js-plotly-plot .main-svg", { timeout: 120_000 });
await page.waitForTimeout(4_000);
await page.screenshot({ path: out });
await browser.close();
