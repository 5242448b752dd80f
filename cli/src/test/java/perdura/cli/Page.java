package perdura.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import perdura.testkit.Repository;

/**
 * A page of the documentation: what its blocks hold, and how they are tried.
 *
 * <p>A block of {@code sh} is run as it is printed. One of {@code yaml} or {@code java} whose first line is a comment with a file's name
 * is that file. A block of {@code text} shows what is printed, or draws. A comment of HTML before a block changes how it is tried:
 * {@code tried with: s/3600/240/; s/a/b/} for smaller sizes, by sed's commands, or {@code not tried: WHY}.
 *
 * @param name below the repository's root
 */
record Page(String name, List<Block> blocks) {
    private static final Pattern BLOCK = Pattern.compile(
            "(?:<!-- (tried with|not tried): ([^\\n]*) -->\\n)?```(\\w*)\\n(.*?)\\n```(?=\\n|$)", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("(?:#|//) ([\\w.-]+\\.(?:yaml|java))");

    /**
     * @param language the word behind the fence
     * @param smaller commands of sed, or empty
     * @param reason why it is not tried, or empty
     */
    record Block(String language, String text, List<String> smaller, String reason) {
        boolean isRun() {
            return language.equals("sh") && reason.isEmpty();
        }

        /** The file that it is, or empty. */
        String file() {
            Matcher file = FILE.matcher(text.lines().findFirst().orElse(""));
            return file.matches() ? file.group(1) : "";
        }
    }

    static Page read(String name) throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(Repository.resolve(name)));
        while (block.find()) {
            String how = block.group(1);
            blocks.add(new Block(
                    block.group(3),
                    block.group(4),
                    "tried with".equals(how) ? List.of(block.group(2).split("; ", -1)) : List.of(),
                    "not tried".equals(how) ? block.group(2) : ""));
        }
        return new Page(name, blocks);
    }

    /** The README, then all pages below {@code docs} by name. */
    static List<Page> all() throws IOException {
        List<Page> pages = new ArrayList<>(List.of(read("README.md")));
        Path root = Repository.resolve("");
        try (Stream<Path> files = Files.walk(root.resolve("docs"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                pages.add(read(root.relativize(file).toString()));
            }
        }
        return pages;
    }
}
