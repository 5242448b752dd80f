package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import perdura.testkit.Repository;

/** Every class and method that {@code docs/following-a-run.md} names is there, in the package that it says. */
class TestFollowingARun {
    /** For instance {@code Run}, {@code store.Runs.createRun}, {@code Figure.Source}. */
    private static final Pattern NAMED =
            Pattern.compile("`((?:[a-z][a-z0-9]*\\.)*)([A-Z][a-z][A-Za-z0-9]*)((?:\\.[A-Za-z][A-Za-z0-9]*)?)`");

    /** Words of MLflow's. */
    private static final List<String> NOT_OURS = List.of("LogBatch");

    @Test
    void everyClassThatIsNamedExists() throws IOException {
        Map<String, List<Path>> sources = sources();
        String page = Files.readString(Repository.resolve("docs/following-a-run.md"));
        List<String> missing = new ArrayList<>();
        for (Matcher named = NAMED.matcher(page); named.find(); ) {
            if (!NOT_OURS.contains(named.group(2))
                    && !isThere(sources.getOrDefault(named.group(2), List.of()), named.group(1), named.group(3))) {
                missing.add(named.group());
            }
        }
        assertThat(missing).isEmpty();
    }

    private static boolean isThere(List<Path> files, String packageEnd, String member) throws IOException {
        for (Path file : files) {
            String folder = String.valueOf(file.getParent()).replace('\\', '/') + "/";
            String text = Files.readString(file);
            boolean hasMember = member.isEmpty()
                    || text.matches("(?s).*(\\b" + member.substring(1) + "\\(|(class|record|enum|interface) "
                            + member.substring(1) + "\\b).*");
            if (folder.endsWith("/" + packageEnd.replace('.', '/')) && hasMember) {
                return true;
            }
        }
        return false;
    }

    /** Files of the modules' main sources by the name of their class. */
    private static Map<String, List<Path>> sources() throws IOException {
        Map<String, List<Path>> sources = new TreeMap<>();
        Path root = Repository.resolve("pom.xml").getParent();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path main : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(file -> file.toString().endsWith(".java"))
                            .forEach(file -> sources.computeIfAbsent(
                                            file.getFileName().toString().replace(".java", ""),
                                            name -> new ArrayList<>())
                                    .add(file));
                }
            }
        }
        return sources;
    }
}
