package perdura.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever reads "prior.md 2.6" or "sense.md 3c" anywhere in the repository finds that section in docs/methods. */
class TestCitations {
    private static final Pattern FILES = Pattern.compile(".*\\.(java|md|py|ya?ml|sql|xml)");
    private static final Set<String> FOREIGN_FOLDERS = Set.of("target", "node_modules");

    /** A section is a number such as 4.3, a number with a letter such as 3c, or a row of a table such as B5. */
    private static final String SECTION = "(?:\\d+(?:\\.\\d+)?[a-e]?(?![\\w%])|[BC]\\d+\\b)";

    private static final Pattern CITATION = Pattern.compile("\\b(prior|sense)\\.md[`)\\]]*,?\\s+(?:sections?\\s+)?("
            + SECTION + "(?:(?:\\s*,\\s*|\\s*-\\s*|\\s+and\\s+|\\s+to\\s+|\\s*,\\s+and\\s+)" + SECTION + ")*)");

    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (\\d+(?:\\.\\d+)?[a-e]?)\\.? ");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\**([BC]\\d+)\\** \\|");

    @Test
    void everyCitedSectionExists() throws IOException {
        Set<Citation> sections = new HashSet<>(sections("prior"));
        sections.addAll(sections("sense"));
        List<String> dead = new ArrayList<>();
        int count = 0;
        for (Map.Entry<Path, String> file : texts().entrySet()) {
            for (Citation citation : citations(file.getValue())) {
                count++;
                if (!sections.contains(citation)) {
                    dead.add(file.getKey() + ": " + citation.document() + ".md " + citation.section());
                }
            }
        }
        assertThat(dead).isEmpty();
        assertThat(count).isGreaterThan(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "see prior.md 2.6.                     | prior 2.6",
                "(prior.md 1.5, 2 and 4.3)             | prior 1.5, prior 2, prior 4.3",
                "prior.md 4.1-4.3, sense.md 4.2        | prior 4.1, prior 4.3, sense 4.2",
                "`prior.md` 1, 4 and `sense.md` 3c     | prior 1, prior 4, sense 3c",
                "prior.md 8, B5), and                  | prior 8, prior B5",
                "[prior.md](prior.md), section 8.1     | prior 8.1",
                "prior.md 4.2, Table 1: 12 rows        | prior 4.2",
                "prior.md 4; 4 files of prior.md       | prior 4",
            })
    void citationsAreFound(String text, String expected) {
        assertThat(citations(text).stream().map(c -> c.document() + " " + c.section()))
                .containsExactly(expected.split(", "));
    }

    @Test
    void citationsAreFoundAcrossLinesOfAComment() {
        assertThat(citations("/**\n * As in prior.md 4.2,\n * 4.3.\n */"))
                .containsExactly(new Citation("prior", "4.2"), new Citation("prior", "4.3"));
    }

    private record Citation(String document, String section) {}

    private static List<Citation> citations(String text) {
        List<Citation> found = new ArrayList<>();
        Matcher citation = CITATION.matcher(text.replaceAll("\\s*\n\\s*(?:\\*(?!/)|//|#)?\\s*", " "));
        while (citation.find()) {
            Matcher section = Pattern.compile(SECTION).matcher(citation.group(2));
            while (section.find()) {
                found.add(new Citation(citation.group(1), section.group()));
            }
        }
        return found;
    }

    private static List<Citation> sections(String document) throws IOException {
        String text = Files.readString(Repository.resolve("docs/methods/" + document + ".md"));
        return Stream.of(HEADING, ROW)
                .flatMap(pattern -> pattern.matcher(text).results())
                .map(match -> new Citation(document, match.group(1)))
                .toList();
    }

    /** All texts that may cite, by their paths below the root. */
    private static Map<Path, String> texts() throws IOException {
        Path root = Repository.resolve("");
        Map<Path, String> texts = new LinkedHashMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean isForeign = FOREIGN_FOLDERS.contains(name) || name.startsWith(".");
                return isForeign && !folder.equals(root) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (FILES.matcher(file.getFileName().toString()).matches() && !file.endsWith("TestCitations.java")) {
                    texts.put(root.relativize(file), Files.readString(file));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return texts;
    }
}
