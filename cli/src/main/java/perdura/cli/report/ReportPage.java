package perdura.cli.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.Map;
import perdura.datasets.file.PageTemplate;

/**
 * The page of a report: a template into which style, data and scripts are written, so that it needs no other file. Its content
 * security policy forbids the network.
 */
final class ReportPage {
    /** Of the webjar. The version is in its path, so the folder is found through the jar's properties. */
    private static final String CHARTS_PROPERTIES = "/META-INF/maven/org.webjars.npm/echarts/pom.properties";

    private static final String CHARTS = "/META-INF/resources/webjars/echarts/%s/dist/echarts.min.js";

    private static final ObjectMapper JSON =
            new ObjectMapper().registerModule(new SimpleModule().addSerializer(Double.class, new FiniteNumbers()));

    private ReportPage() {}

    static String html(ReportModel model) {
        Map<String, String> parts = Map.of(
                "title", PageTemplate.escape(model.sweepId()),
                "style", read("page.css"),
                "charts", charts(),
                "data", json(model),
                "script", read("page.js"));
        return PageTemplate.fill(ReportPage.class, "page.html", parts);
    }

    /** JSON that may stand in a script element: no text in it can end the element or open a comment. */
    static String json(ReportModel model) {
        try {
            return PageTemplate.inScript(JSON.writeValueAsString(model));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON for the report", e);
        }
    }

    private static String charts() {
        String version = read(CHARTS_PROPERTIES)
                .lines()
                .filter(line -> line.startsWith("version="))
                .map(line -> line.substring("version=".length()).trim())
                .findFirst()
                .orElseThrow();
        return read(CHARTS.formatted(version));
    }

    private static String read(String resource) {
        return PageTemplate.resource(ReportPage.class, resource);
    }

    /** JSON has no NaN and no infinity: the page gets null, and shows that there is no number. */
    private static final class FiniteNumbers extends StdSerializer<Double> {
        FiniteNumbers() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (Double.isFinite(value)) {
                out.writeNumber(value);
            } else {
                out.writeNull();
            }
        }
    }
}
