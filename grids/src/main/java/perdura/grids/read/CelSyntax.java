package perdura.grids.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.parser.gen.CELLexer;
import org.projectnessie.cel.parser.gen.CELParser;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.BaseErrorListener;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.CharStreams;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.CommonTokenStream;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.RecognitionException;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.Recognizer;

/** Looks at the grammar of an expression alone, as the library's own parser prints such faults on stderr. */
final class CelSyntax {
    /** Deeper ones would exhaust the stack. */
    private static final int LONGEST = 2_000;

    private CelSyntax() {}

    /** A place in an expression, for messages; {@code line} from 1, {@code column} from 0. */
    static String at(int line, int column) {
        return " at " + (line > 1 ? "line " + line + ", " : "") + "character " + (column + 1);
    }

    /** What is wrong with it, with its place; nothing if it is well formed. */
    static Optional<String> findFault(String text) {
        if (text.isBlank()) {
            return Optional.of("it is empty");
        }
        if (text.length() > LONGEST) {
            return Optional.of("it has more than " + LONGEST + " characters");
        }
        List<String> faults = new ArrayList<>();
        BaseErrorListener listener = new BaseErrorListener() {
            @Override
            public void syntaxError(
                    Recognizer<?, ?> recognizer,
                    @Nullable Object symbol,
                    int line,
                    int column,
                    String message,
                    @Nullable RecognitionException cause) {
                faults.add(message.replaceFirst(" expecting \\{.*", "").replace("'<EOF>'", "end") + " at character "
                        + (column + 1));
            }
        };
        CELLexer lexer = new CELLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        lexer.addErrorListener(listener);
        CELParser parser = new CELParser(new CommonTokenStream(lexer));
        parser.removeErrorListeners();
        parser.addErrorListener(listener);
        try {
            parser.start();
        } catch (StackOverflowError e) {
            return Optional.of("it is nested too deeply");
        }
        return faults.stream().findFirst();
    }
}
