"use strict";
(() => {
  const model = JSON.parse(document.getElementById("data").textContent);
  const page = document.getElementById("page");
  const hover = document.getElementById("hover");
  const FIRST_ROWS = 30;
  // Okabe and Ito's colours, which people with any colour vision tell apart; without yellow, which paper swallows.
  const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"];
  const DARK_COLOURS = ["#56b4e9", "#e69f00", "#2bc79a", "#e39ac2", "#ff8a3d", "#c3d9e8"];
  // Cividis, from low to high: as bright to everybody, and in grey.
  const SCALE = ["#00306f", "#3d4e6c", "#6c6e72", "#9c9375", "#d1bb61", "#fde737"];

  // --- elements; texts only ever become text nodes

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    for (const child of children.flat(Infinity)) {
      if (child !== null && child !== undefined) made.append(child);
    }
    return made;
  }
  const text = (value) => document.createTextNode(value);
  function link(address, ...children) {
    return /^(https?:\/\/|#)/.test(address) ? element("a", { href: address }, ...children) : element("span", {}, ...children);
  }
  function section(title, ...children) {
    page.append(element("section", {}, element("h2", {}, title), ...children));
  }
  function table(className, header, rows) {
    return element("div", { class: "scroll" },
      element("table", { class: className }, element("thead", {}, header), element("tbody", {}, rows)));
  }
  function facts(pairs) {
    return element("dl", {}, Object.entries(pairs).map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
  }

  // --- numbers

  function number(value, digits = 4) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e4) ? value.toExponential(3) : value.toFixed(digits);
  }
  function meanOf(value) {
    if (!value || value.mean === null) return "–";
    const size = Math.abs(value.mean);
    const small = size !== 0 && (size < 1e-3 || size >= 1e4);
    const std = value.std === null ? "" : " ± " + (small ? value.std.toExponential(2) : value.std.toFixed(4));
    return number(value.mean) + std;
  }
  function interval(value) {
    return value.low === null ? "–" : "[" + number(value.low) + ", " + number(value.high) + "]";
  }
  function duration(seconds) {
    if (seconds < 60) return seconds.toFixed(0) + " s";
    return seconds < 3600 ? (seconds / 60).toFixed(1) + " min" : (seconds / 3600).toFixed(1) + " h";
  }
  const repeat = model.over === "seeds" ? "seed" : "trial";
  const plural = (count, word) => count + " " + word + (count === 1 ? "" : "s");

  // --- points

  const byNumber = new Map(model.points.map((point) => [point.number, point]));
  const ranked = model.points.filter((point) => point.rank !== null);
  const title = (key) => key.replace(/^(best\/)?/, "").replace("/", " ");
  function label(point) {
    const parts = model.parameters.map((parameter) => parameter.label + " " + point.values[parameter.path]);
    return parts.length ? parts.join(", ") : "the only point";
  }
  function unfinished(point) {
    const counts = {};
    for (const trial of point.trials) if (trial.state !== "finished") counts[trial.state] = (counts[trial.state] || 0) + 1;
    return Object.entries(counts).map(([state, count]) => count + " " + state).join(", ");
  }
  const finished = (point) => point.trials.filter((trial) => trial.state === "finished").length;
  const pointLink = (number, ...children) => byNumber.has(number) ? link("#point-" + number, ...children) : children;

  // --- sections

  function head() {
    const best = ranked[0];
    const total = Object.values(model.counts).reduce((a, b) => a + b, 0);
    const tile = (big, small) => element("div", { class: "tile" }, element("b", {}, big), element("span", {}, small));
    const done = model.counts.finished || 0;
    const rest = Object.entries(model.counts).filter(([state]) => state !== "finished").map(([state, count]) => count + " " + state).join(", ");
    page.append(
      element("h1", {}, model.sweepId),
      element("p", { class: "soft" }, "Sweep of " + model.subtitle),
      element("div", { class: "tiles" },
        tile(best ? (best.provisional ? "~" : "") + meanOf(best.objective) : "–", "best " + title(model.objective) + (best ? ", " + plural(best.objective.n, repeat) : "")),
        tile(done + " of " + total, "trials finished" + (rest ? "; " + rest : "")),
        tile(String(model.points.length + model.pointsLeftOut), "points"),
        tile(model.facts["device time"], "device time"),
        tile(model.facts.took, "took")));
    if (best) {
      page.append(element("p", {}, "Best: ", pointLink(best.number, label(best)), ". ",
        finished(best) < best.trials.length
          ? element("span", { class: "warn" }, "Only " + finished(best) + " of its " + plural(best.trials.length, repeat) + " are finished.") : null));
    } else {
      page.append(element("p", { class: "warn" }, "No trial has a result yet."));
    }
  }

  function what() {
    const about = { ...model.facts };
    delete about["device time"];
    delete about.took;
    const objective = {
      "ranked by": title(model.objective) + " (" + model.goal + "), mean over " + model.over,
      "reported": model.reported.map(title).join(", ") + "; nothing is selected by it",
    };
    const pages = [];
    if (model.mlflowCompare) pages.push(link(model.mlflowCompare, "compare"), text(", "), link(model.mlflowCurves, "joint curves"));
    section("What was asked",
      element("div", { class: "columns" },
        element("div", {}, facts(model.grid)),
        element("div", {}, facts({ ...objective, ...about }),
          pages.length ? element("p", {}, "In MLflow: ", pages) : null)),
      Object.keys(model.shared).length
        ? element("details", { id: "shared" }, element("summary", {}, "The same in all trials: " + plural(Object.keys(model.shared).length, "parameter")), facts(model.shared)) : null);
  }

  function paper(papers) {
    const one = (found) => {
      const scale = (value) => found.percent ? (100 * value).toFixed(2) : number(value);
      const sets = [];
      for (const column of found.columns) {
        const last = sets[sets.length - 1];
        if (last && last.name === column.dataset) last.span++;
        else sets.push({ name: column.dataset, span: 1 });
      }
      const edge = (i) => i === 0 || found.columns[i].dataset !== found.columns[i - 1].dataset;
      const header = [
        element("tr", {}, element("th", {}, ""), sets.map((set) => element("th", { class: "group", colspan: set.span }, set.name))),
        element("tr", {}, element("th", {}, "encoder"),
          found.columns.map((column, i) => element("th", { class: edge(i) ? "c edge" : "c" }, +(100 * column.fraction).toPrecision(6) + " %"))),
      ];
      const cell = (value, i) => {
        const className = edge(i) ? "c group" : "c";
        if (!value) return element("td", { class: className }, "");
        const short = value.point !== null && value.n < value.trials ? element("small", { class: "warn" }, " " + value.n + "/" + value.trials) : null;
        if (value.mean === null) return element("td", { class: className }, pointLink(value.point, "–"), short);
        const body = [element("b", {}, scale(value.mean)), value.std === null ? null : element("small", {}, " ± " + scale(value.std))];
        return element("td", { class: className }, value.point === null ? body : pointLink(value.point, body), short);
      };
      const rows = found.rows.map((row) => element("tr", { class: row.published ? "published" : "ours" },
        element("td", {}, row.label), row.cells.map(cell)));
      const counts = new Set(found.rows.flatMap((row) => row.cells).filter((value) => value && value.point !== null).map((value) => value.trials));
      const chosen = found.rows.flatMap((row) => row.cells).some((value) => value && value.candidates > 1);
      return [
        element("p", {}, "Test " + found.metric.toUpperCase() + (found.percent ? " in %" : "") + ", mean ± standard deviation over " + model.over + " (n " + [...counts].join(" or ") + ")"
          + (chosen ? "; of several points for a cell, the one that is best on validation data" : "") + ". Columns: data set and share of its training part."),
        table("paper", header, rows),
        found.notes.map((note) => element("p", { class: "note" }, note)),
      ];
    };
    if (papers.length) section("Results, as the papers print them", papers.map(one).flat());
  }

  function effects() {
    for (const effect of model.effects) {
      const scale = (i, value) => (effect.metrics[i].percent ? 100 * value : value);
      const shown = (i, value) => (effect.metrics[i].percent ? scale(i, value).toFixed(2) : number(value));
      const header = element("tr", {},
        element("th", { class: effect.numeric ? "n" : null }, effect.path),
        element("th", { class: "n" }, "trials"),
        effect.metrics.map((metric) => element("th", { class: "n" }, title(metric.key) + (metric.percent ? ", %" : ""))));
      const cell = (value, i, level) => element("td", { class: "n" },
        value.mean === null ? "–" : [element("b", {}, shown(i, value.mean)), value.std === null ? null : element("small", {}, " ± " + shown(i, value.std))],
        value.n < level.trials ? element("small", { class: "warn" }, " " + value.n + "/" + level.trials) : null);
      const rows = effect.levels.map((level) => element("tr", {},
        element("td", { class: effect.numeric ? "n" : null }, level.value),
        element("td", { class: "n" }, String(level.trials)),
        level.metrics.map((value, i) => cell(value, i, level))));
      const parts = [
        element("p", {}, "Test data, mean ± standard deviation over " + model.over + "."),
        table("points all effect", header, rows)];
      if (effect.numeric && effect.levels.length > 2) {
        parts.push(chart("Results over " + effect.path, "20rem", (look) => ({
          grid: { left: 60, right: 20, top: 40, bottom: 50 },
          legend: { top: 0, textStyle: { color: look.ink } },
          xAxis: { type: effect.log ? "log" : "value", logBase: 2, scale: true, ...axis(look, effect.path), nameGap: 28 },
          yAxis: { type: "value", scale: true, ...axis(look, effect.metrics.every((metric) => metric.percent) ? "%" : "value") },
          series: effect.metrics.map((metric, i) => ({
            name: title(metric.key), type: "line", symbolSize: 7,
            data: effect.levels.filter((level) => level.metrics[i].mean !== null).map((level) => [level.number, scale(i, level.metrics[i].mean)]) })),
        })));
      }
      section("What " + effect.path + " does", parts);
    }
  }

  function points() {
    const header = element("tr", {},
      element("th", { class: "n" }, "rank"),
      model.parameters.map((parameter) => element("th", { class: parameter.numeric ? "n" : null, title: parameter.path }, parameter.label)),
      element("th", {}, model.over),
      element("th", { class: "n" }, title(model.objective)), element("th", { class: "n" }, "95 % of the mean"),
      model.reported.map((key) => element("th", { class: "n" }, title(key))));
    const missing = (value) => value && value.missing ? element("span", { class: "mark" }, " " + value.missing + " missing") : null;
    const rows = model.points.map((point, i) => element("tr", { class: [i >= FIRST_ROWS ? "more" : "", point.rank === 1 ? "first" : ""].join(" ").trim() || null },
      element("td", { class: "n" }, point.rank === null ? "–" : String(point.rank)),
      model.parameters.map((parameter) => element("td", { class: parameter.numeric ? "n" : null }, point.values[parameter.path])),
      element("td", {}, pointLink(point.number, finished(point) + "/" + point.trials.length), unfinished(point) ? element("span", { class: "mark warn" }, " " + unfinished(point)) : null,
        point.lacking.length ? element("span", { class: "mark warn" }, " lacks " + point.lacking.join("; ")) : null),
      element("td", { class: "n" }, pointLink(point.number, (point.provisional && point.rank !== null ? "~" : "") + meanOf(point.objective)), missing(point.objective)),
      element("td", { class: "n" }, interval(point.objective)),
      model.reported.map((key) => element("td", { class: "n" }, pointLink(point.number, meanOf(point.metrics[key])), missing(point.metrics[key])))));
    const all = table("points", header, rows);
    const parts = [
      element("p", {}, "Mean ± sample standard deviation over " + model.over + "; the interval is Student's t. Each number leads to its runs."),
      all];
    if (rows.length > FIRST_ROWS) {
      const button = element("button", { type: "button" }, "Show all " + rows.length);
      button.addEventListener("click", () => { all.classList.add("all"); button.remove(); });
      parts.push(element("p", {}, button));
    }
    if (model.points.some((point) => point.provisional && point.rank !== null)) parts.push(element("p", { class: "note" }, "~ Nothing is finished: the best epoch so far of those on their way."));
    if (model.pointsLeftOut) parts.push(element("p", { class: "note" }, plural(model.pointsLeftOut, "point") + " more are not on this page; perdura leaderboard --csv has all."));
    section("Points, best first", parts);
  }

  function failures() {
    if (!model.failures.length) return;
    const reasons = {};
    for (const failure of model.failures) {
      const reason = failure.code || failure.state;
      reasons[reason] = (reasons[reason] || 0) + 1;
    }
    section("Trials without a result",
      element("p", {}, Object.entries(reasons).map(([reason, count]) => count + " × " + reason).join(", ")
        + ". The means of their points are over the others."),
      table("failures",
        element("tr", {}, ["run", "point", model.over, "state", "epochs", "reason"].map((name) => element("th", {}, name))),
        model.failures.map((failure) => element("tr", {},
          element("td", {}, element("code", {}, failure.run ? failure.run : failure.name)),
          element("td", {}, byNumber.has(failure.point) ? pointLink(failure.point, label(byNumber.get(failure.point))) : "point " + failure.point),
          element("td", {}, failure.seed), element("td", {}, failure.state), element("td", {}, String(failure.epoch)),
          element("td", {}, failure.code ? element("b", {}, failure.code) : null, failure.message ? " " + failure.message : "")))));
  }

  function runs() {
    section("Runs",
      model.points.map((point) => element("details", { id: "point-" + point.number },
        element("summary", {}, (point.rank === null ? "–" : "#" + point.rank) + "  " + label(point) + "  ",
          element("span", { class: "soft" }, finished(point) + " of " + plural(point.trials.length, repeat) + " finished")),
        table("runs",
          element("tr", {}, [model.over, "state", title(model.objective), ...model.reported.map(title), "epochs", "device time", "", "MLflow"]
            .map((name) => element("th", {}, name))),
          point.trials.map((trial) => element("tr", {},
            element("td", { class: "n" }, trial.seed),
            element("td", {}, trial.state + (trial.shared ? ", by another sweep" : "")),
            element("td", { class: "n" }, number(trial.objective)),
            model.reported.map((key) => element("td", { class: "n" }, number(trial.metrics[key]))),
            element("td", { class: "n" }, String(trial.epoch)),
            element("td", { class: "n" }, duration(trial.deviceSeconds)),
            element("td", {}, element("code", {}, trial.run ? "perdura runs show " + trial.run : "not begun")),
            element("td", {}, trial.page ? link(trial.page, "page") : "–")))))));
  }

  // --- charts

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [];
  let printing = false;
  function theme() {
    const isDark = dark.matches && !printing;
    return isDark
      ? { paper: "#14181c", ink: "#e4e8eb", soft: "#9aa5af", line: "#333b43", grey: "#6b757f", bar: "#56b4e9", colours: DARK_COLOURS }
      : { paper: "#ffffff", ink: "#1c2126", soft: "#5b6670", line: "#d9dee3", grey: "#9aa3ab", bar: "#0072b2", colours: COLOURS };
  }
  function chart(description, height, option, ready) {
    const place = element("div", { class: "chart", role: "img", "aria-label": description });
    if (height) place.style.height = height;
    charts.push({ place, option, ready });
    return element("figure", {}, place);
  }
  function draw() {
    for (const drawn of charts) {
      if (drawn.instance) drawn.instance.dispose();
      drawn.instance = echarts.init(drawn.place, null, { renderer: "svg" });
      const look = theme();
      drawn.instance.setOption({
        animation: false, backgroundColor: "transparent",
        textStyle: { color: look.ink, fontFamily: "system-ui, sans-serif" }, ...drawn.option(look),
      });
      if (drawn.ready) drawn.ready(drawn.instance);
    }
  }
  const axis = (look, name) => ({
    name, nameLocation: "middle", nameTextStyle: { color: look.soft }, axisLabel: { color: look.soft },
    axisLine: { lineStyle: { color: look.line } }, axisTick: { lineStyle: { color: look.line } }, splitLine: { lineStyle: { color: look.line } },
  });
  function showHover(event, lines) {
    hover.replaceChildren(...lines.map((line, i) => element("div", { class: i ? "soft" : null }, line)));
    hover.hidden = false;
    const { clientX: x, clientY: y } = event.event.event;
    hover.style.left = Math.min(x + 14, innerWidth - hover.offsetWidth - 8) + "px";
    hover.style.top = Math.max(8, y - hover.offsetHeight - 12) + "px";
  }

  function curves() {
    if (!model.curves.length) return;
    const leaders = [...new Set(model.curves.map((curve) => curve.point))]
      .filter((number) => byNumber.has(number) && byNumber.get(number).rank !== null)
      .slice(0, COLOURS.length);
    const others = "other points";
    const name = (number) => {
      const at = leaders.indexOf(number);
      return at < 0 ? others : "#" + byNumber.get(number).rank + " " + label(byNumber.get(number));
    };
    // The leaders are drawn last, above the others.
    const ordered = [...model.curves].sort((a, b) => leaders.includes(a.point) - leaders.includes(b.point));
    const many = model.curves.length > 60;
    const longest = Math.max(...model.curves.map((curve) => curve.values.length ? curve.values[curve.values.length - 1][0] : 0));
    section("Curves of " + title(model.objective),
      element("p", {}, plural(model.curves.length, "trial") + ", by epoch"
        + (leaders.length > 1 ? "; coloured: the " + leaders.length + " best points" : "") + ". Point at a curve for its name."),
      chart("Curves of the objective of all trials", leaders.length > 3 ? "30rem" : "26rem", (look) => ({
        grid: { left: 64, right: 24, top: 28, bottom: 56 + 20 * (leaders.length + 1) },
        legend: {
          data: [...leaders.map(name), ...(ordered.some((curve) => !leaders.includes(curve.point)) ? [others] : [])],
          orient: "vertical", left: 56, bottom: 0, itemGap: 12, icon: "roundRect", itemHeight: 4,
          textStyle: { color: look.ink }, formatter: (full) => full.length > 110 ? full.slice(0, 109) + "…" : full,
        },
        toolbox: { right: 20, top: -4, iconStyle: { borderColor: look.soft }, feature: { dataZoom: { title: { zoom: "zoom", back: "back" } }, restore: { title: "all" } } },
        xAxis: { type: "value", min: longest > 1 ? 1 : 0, max: Math.max(2, longest), minInterval: 1, ...axis(look, "epoch"), nameGap: 26, splitLine: { show: false } },
        yAxis: { type: "value", scale: true, ...axis(look, title(model.objective)), nameGap: 46 },
        series: ordered.map((curve) => {
          const at = leaders.indexOf(curve.point);
          const colour = at < 0 ? look.grey : look.colours[at];
          return {
            type: "line", name: name(curve.point), data: curve.values, showSymbol: curve.values.length === 1, symbolSize: 7,
            triggerLineEvent: true, color: colour, z: at < 0 ? 2 : 3,
            lineStyle: { color: colour, width: at < 0 ? 1 : 2, opacity: at < 0 ? (many ? 0.35 : 0.6) : 0.95 },
            emphasis: { focus: "series", lineStyle: { width: 3.5, opacity: 1 } },
          };
        }),
      }), (instance) => {
        instance.on("mouseover", { seriesType: "line" }, (event) => {
          const curve = ordered[event.seriesIndex];
          const last = curve.values[curve.values.length - 1];
          showHover(event, [label(byNumber.get(curve.point) || { values: {} }), "seed " + curve.seed + ", run " + curve.run,
            title(model.objective) + " " + number(last ? last[1] : null) + " at epoch " + (last ? last[0] : "–")]);
        });
        instance.on("mouseout", () => { hover.hidden = true; });
      }),
      model.curvesLeftOut ? element("p", { class: "note" }, plural(model.curvesLeftOut, "trial") + " of lower rank are not drawn.") : null);
  }

  function coordinates() {
    const shown = model.points.filter((point) => point.rank !== null);
    if (shown.length < 2 || !model.parameters.length) return;
    const axes = model.parameters.slice(0, 9);
    const cut = (value) => String(value).length > 16 ? String(value).slice(0, 15) + "…" : String(value);
    const values = (path) => [...new Set(shown.map((point) => point.values[path]))];
    const means = shown.map((point) => point.objective.mean);
    const low = Math.min(...means), high = Math.max(...means);
    section("Parameters and result",
      element("p", {}, "A line for each point; bright is a high " + title(model.objective) + "."
        + (axes.length < model.parameters.length ? " The first " + axes.length + " of " + model.parameters.length + " parameters." : "")),
      chart("Parallel coordinates of parameters and objective", "22rem", (look) => ({
        parallel: { left: 60, right: 130, top: 36, bottom: 24, parallelAxisDefault: {
          nameTextStyle: { color: look.ink }, axisLabel: { color: look.ink, textBorderColor: look.paper, textBorderWidth: 4 },
          axisLine: { lineStyle: { color: look.soft } }, axisTick: { lineStyle: { color: look.soft } } } },
        parallelAxis: [
          ...axes.map((parameter, dim) => parameter.numeric && values(parameter.path).length > 8
            ? { dim, name: parameter.label, type: parameter.log ? "log" : "value", scale: true,
                axisLabel: { formatter: (value) => value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value) } }
            : { dim, name: parameter.label, type: "category",
                data: values(parameter.path).sort((a, b) => parameter.numeric ? a - b : a < b ? -1 : 1), axisLabel: { formatter: cut } }),
          { dim: axes.length, name: title(model.objective), type: "value", scale: true, axisLabel: { formatter: (value) => String(+value.toPrecision(4)) } }],
        visualMap: low < high ? {
          type: "continuous", dimension: axes.length, min: low, max: high, right: 0, top: 40, itemHeight: 150, precision: 4, calculable: false,
          text: [number(high), number(low)], textStyle: { color: look.soft }, inRange: { color: SCALE } } : undefined,
        series: [{
          type: "parallel", lineStyle: { width: shown.length > 100 ? 1 : 2.2, opacity: shown.length > 100 ? 0.45 : 0.85, color: look.bar },
          emphasis: { lineStyle: { width: 4, opacity: 1 } },
          data: shown.map((point) => [...axes.map((parameter) =>
            parameter.numeric && values(parameter.path).length > 8 ? +point.values[parameter.path] : point.values[parameter.path]), point.objective.mean]),
        }],
      }), (instance) => {
        instance.on("mouseover", { seriesType: "parallel" }, (event) => {
          const point = shown[event.dataIndex];
          showHover(event, ["#" + point.rank + " " + label(point), title(model.objective) + " " + meanOf(point.objective)]);
        });
        instance.on("mouseout", () => { hover.hidden = true; });
      }));
  }

  function importance() {
    if (!model.importance.length) return;
    const shown = model.importance.slice(0, 12).reverse();
    const name = (path) => (model.parameters.find((parameter) => parameter.path === path) || { label: path }).label;
    section("What explains the differences",
      element("p", {}, "Share of the variance of the points' means that one parameter explains alone: eta squared of a one-way analysis of variance. "
        + "The mark is what a parameter without influence comes to on average, (values - 1) / (points - 1). Parameters that vary together share what they explain."),
      chart("Share of variance explained by each parameter", 4 + 2.4 * shown.length + "rem", (look) => ({
        grid: { left: 150, right: 210, top: 8, bottom: 36 },
        xAxis: { type: "value", min: 0, max: 1, ...axis(look, "share of variance (eta squared)"), nameGap: 24 },
        yAxis: { type: "category", data: shown.map((one) => name(one.path)), axisLabel: { color: look.ink, width: 140, overflow: "truncate" },
          axisLine: { lineStyle: { color: look.soft } }, axisTick: { show: false } },
        series: [
          { type: "bar", barMaxWidth: 20, itemStyle: { color: look.bar }, data: shown.map((one) => one.share) },
          { type: "scatter", symbolSize: 0, silent: true, data: shown.map((one, i) => [1, i]),
            label: { show: true, position: "right", distance: 10, color: look.soft,
              formatter: (at) => { const one = shown[at.dataIndex];
                return (100 * one.share).toFixed(0) + " %, " + one.levels + (one.ranges ? " ranges" : " values") + ", " + one.points + " points"; } } },
          { type: "scatter", symbol: "rect", symbolSize: [3, 22], itemStyle: { color: look.ink }, silent: true, z: 5,
            data: shown.map((one, i) => [one.chance, i]) }],
      })));
  }

  // --- the page

  head();
  what();
  paper(model.papers);
  effects();
  points();
  curves();
  coordinates();
  importance();
  failures();
  runs();
  page.append(element("p", { class: "note" }, "Written by Perdura. Charts by Apache ECharts (Apache License 2.0), which is part of this file."));

  function open() {
    const at = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    document.querySelectorAll("details.found").forEach((one) => one.classList.remove("found"));
    if (at && at.tagName === "DETAILS") {
      at.open = true;
      at.classList.add("found");
      at.scrollIntoView({ block: "center" });
    }
  }
  addEventListener("hashchange", open);
  addEventListener("resize", () => charts.forEach((drawn) => drawn.instance && drawn.instance.resize()));
  dark.addEventListener("change", draw);
  let closed = [];
  addEventListener("beforeprint", () => {
    printing = true;
    if (model.points.length <= 60) {
      closed = [...document.querySelectorAll("details:not([open])")];
      closed.forEach((one) => { one.open = true; });
    }
    if (dark.matches) draw();
    charts.forEach((drawn) => drawn.instance.resize());
  });
  addEventListener("afterprint", () => {
    printing = false;
    closed.forEach((one) => { one.open = false; });
    if (dark.matches) draw();
    charts.forEach((drawn) => drawn.instance.resize());
  });
  draw();
  open();
})();
