"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const report = data.report;
const page = document.getElementById("page");
const SVG = "http://www.w3.org/2000/svg";

function add(parent, tag, text, attributes = {}) {
  const svg = ["svg", "rect", "text", "title"].includes(tag);
  const element = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  if (text !== undefined && text !== null) {
    element.textContent = text;
  }
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return parent.appendChild(element);
}

const number = value => Number(value).toLocaleString("en-US");

/** Cells that are numbers stand right; a function draws its cell. */
function table(header, rows) {
  const body = add(page, "table");
  if (header) {
    const line = add(body, "tr");
    header.forEach(([text, right]) => add(line, "th", text, right ? { class: "n" } : {}));
  }
  rows.forEach(cells => {
    const line = add(body, "tr");
    cells.forEach(cell => {
      if (typeof cell === "function") {
        cell(add(line, "td"));
      } else if (typeof cell === "number") {
        add(line, "td", number(cell), { class: "n" });
      } else {
        add(line, "td", cell);
      }
    });
  });
}

function counts() {
  add(page, "h2", "What was kept, and what was not");
  const rows = [["images listed", report.imagesListed], ["samples listed", report.samplesListed]];
  report.leftOut.forEach(one => rows.push(["left out: " + one.what, one.count]));
  rows.push(["samples", report.samples], ["patients", report.patients], ["images", report.images]);
  Object.entries(report.splits).forEach(([split, count]) => rows.push(["split " + split, count]));
  if (report.sentences > 0) {
    rows.push(["sentences", report.sentences], ["distinct sentences", report.distinctSentences]);
  }
  report.cut.forEach(one => rows.push([one.what, one.count]));
  rows.push(["faults", report.faultCount]);
  table(null, rows);
  Object.entries(report.pixels).forEach(([split, pixels]) => add(page, "p",
    `Pixels of split ${split}: mean ${pixels.mean.toFixed(4)}, deviation ${pixels.deviation.toFixed(4)}`));
}

function labels() {
  if (report.labels.length === 0) {
    return;
  }
  add(page, "h2", "Labels");
  table([["label"], ["split"], ["positive", true], ["negative", true], ["uncertain", true], ["blank", true], ["share of positives"]],
    report.labels.map(label => {
      const all = label.positive + label.negative + label.uncertain + label.blank;
      const share = all === 0 ? 0 : label.positive / all;
      return [label.label, label.split, label.positive, label.negative, label.uncertain, label.blank, cell => {
        const bar = add(cell, "svg", null, { width: 160, height: 12 });
        add(bar, "rect", null, { width: (160 * share).toFixed(1), height: 12 });
        cell.append(" " + (100 * share).toFixed(1) + " %");
      }];
    }));
}

/** Bars of equal width; sizes beyond the last bar are in it. */
function histogram(shown) {
  const most = shown.most;
  const width = Math.max(1, Math.floor((most + 60) / 60));
  const bars = new Array(Math.floor(most / width) + 1).fill(0);
  Object.entries(shown.counts).forEach(([size, count]) => { bars[Math.floor(Number(size) / width)] += count; });
  const tallest = Math.max(1, ...bars);
  add(page, "p", `${shown.title}: median ${shown.median}, most ${most}`);
  const chart = add(page, "svg", null, { width: bars.length * 10 + 40, height: 120 });
  bars.forEach((count, i) => {
    const height = 100 * count / tallest;
    const bar = add(chart, "rect", null, { x: i * 10, y: (100 - height).toFixed(1), width: 8, height: height.toFixed(1) });
    add(bar, "title", `${i * width}: ${count}`);
  });
  add(chart, "text", "0", { x: 0, y: 115 });
  add(chart, "text", most, { x: Math.max(20, bars.length * 10 - 20), y: 115 });
}

function published() {
  if (report.published.length === 0) {
    return;
  }
  add(page, "h2", "Published totals");
  table([["what"], ["published", true], ["here", true], [""], ["source"]],
    report.published.map(total =>
      [total.what, total.published, total.found, total.agrees ? "agrees" : "differs", total.source]));
}

function images() {
  add(page, "h2", "Some images, as a model gets them");
  data.images.forEach(image => {
    const figure = add(page, "figure");
    add(figure, "img", null, { width: 128, alt: "", src: image.src });
    add(figure, "figcaption", image.id);
  });
}

function faults() {
  if (report.faultCount === 0) {
    return;
  }
  add(page, "h2", "Faults");
  table([["reason"], ["faults", true]], report.faultsByReason.map(reason => [reason.what, reason.count]));
  const list = add(page, "ul", null, { class: "faults" });
  data.faults.forEach(fault => add(list, "li", fault));
  if (report.faultCount > data.faults.length) {
    add(page, "p", `and ${report.faultCount - data.faults.length} more in faults.jsonl`);
  }
}

add(page, "p", "Digest " + report.digest);
counts();
labels();
if (data.histograms.length > 0) {
  add(page, "h2", "Lengths");
  data.histograms.forEach(histogram);
}
published();
images();
faults();
