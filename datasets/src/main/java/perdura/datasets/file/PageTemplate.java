package perdura.datasets.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An HTML page that needs no other file: style, data and scripts stand where its template says {@code @@name@@}. */
public final class PageTemplate {
    private static final Pattern PLACE = Pattern.compile("@@([a-z]+)@@");

    private PageTemplate() {}

    /**
     * The page.
     *
     * @param owner beside which the template lies
     * @param parts what stands at each place; one that is missing leaves its place empty
     */
    public static String fill(Class<?> owner, String template, Map<String, String> parts) {
        return PLACE.matcher(resource(owner, template))
                .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), "")));
    }

    /** A text file of the class path, by its name beside {@code owner} or by its whole path. */
    public static String resource(Class<?> owner, String name) {
        try (InputStream in = owner.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " can't be read", e);
        }
    }

    /** A text as it stands in HTML. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** JSON that may stand in a script element: no text in it can end the element or open a comment. */
    public static String inScript(String json) {
        return json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }
}
