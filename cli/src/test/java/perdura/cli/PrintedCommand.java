package perdura.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command line as a message or a page prints it. */
final class PrintedCommand {
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^\\s'])+");

    private PrintedCommand() {}

    /** Its words, as a shell gives them to a program. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(line); word.find(); ) {
            words.add(word.group().replace("'", ""));
        }
        return words;
    }

    private static final Pattern IN_A_SENTENCE = Pattern.compile("'perdura ([^']*)'");
    private static final Pattern AT_THE_END = Pattern.compile("(?m)[^']\\bperdura ((?:[^'\\n]|'[^']*')*?)\\.?$");

    /** The commands that messages recommend, without the program's name. */
    static List<String> of(String messages) {
        List<String> lines = new ArrayList<>();
        for (Pattern pattern : List.of(IN_A_SENTENCE, AT_THE_END)) {
            for (Matcher line = pattern.matcher(messages); line.find(); ) {
                lines.add(line.group(1));
            }
        }
        return lines;
    }
}
