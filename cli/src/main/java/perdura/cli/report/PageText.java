package perdura.cli.report;

import java.util.List;
import java.util.stream.Collectors;
import perdura.datasets.file.PageTemplate;

/** The text of a page while its parts write it. What isn't {@link #raw} is escaped. */
final class PageText {
    private final StringBuilder html = new StringBuilder();

    @Override
    public String toString() {
        return html.toString();
    }

    /** HTML as it is. */
    PageText raw(String text) {
        html.append(text);
        return this;
    }

    static String escape(String text) {
        return PageTemplate.escape(text);
    }

    void line(String tag, String text) {
        html.append('<')
                .append(tag)
                .append('>')
                .append(escape(text))
                .append("</")
                .append(tag)
                .append(">\n");
    }

    void note(String text) {
        html.append("<p class=\"note\">").append(escape(text)).append("</p>\n");
    }

    void commands(List<String> commands) {
        html.append("<pre><code>")
                .append(commands.stream().map(PageText::escape).collect(Collectors.joining("\n")))
                .append("</code></pre>\n");
    }

    void term(String name, String text) {
        html.append("<dt>")
                .append(escape(name))
                .append("</dt><dd>")
                .append(escape(text))
                .append("</dd>\n");
    }

    void header(String text, String title) {
        html.append("<th title=\"")
                .append(escape(title))
                .append("\">")
                .append(escape(text))
                .append("</th>");
    }

    void data(String text) {
        html.append("<td>").append(escape(text)).append("</td>");
    }

    void item(String text) {
        html.append("<li>").append(escape(text)).append("</li>");
    }
}
