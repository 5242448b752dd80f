package perdura.grids.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.projectnessie.cel.Ast;
import org.projectnessie.cel.Env;
import org.projectnessie.cel.EnvOption;
import org.projectnessie.cel.EvalOption;
import org.projectnessie.cel.Program;
import org.projectnessie.cel.ProgramOption;
import org.projectnessie.cel.checker.Decls;
import org.projectnessie.cel.common.CELError;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.Overloads;
import org.projectnessie.cel.common.types.StringT;
import org.projectnessie.cel.common.types.Types;
import org.projectnessie.cel.common.types.ref.Val;
import org.projectnessie.cel.interpreter.Activation;
import org.projectnessie.cel.interpreter.Interpretable;
import org.projectnessie.cel.parser.gen.CELLexer;
import org.projectnessie.cel.parser.gen.CELParser;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Decl;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Expr;
import org.projectnessie.cel.relocated.com.google.api.expr.v1alpha1.Type;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.BaseErrorListener;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.CharStreams;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.CommonTokenStream;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.RecognitionException;
import org.projectnessie.cel.shaded.org.antlr.v4.runtime.Recognizer;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.SpecNode;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.ParameterType;
import perdura.grids.spec.Parameters;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;
import perdura.grids.spec.TaskSchema;

/**
 * A condition on parameters in Google's Common Expression Language, compiled and type-checked.
 *
 * @param path where the sweep has it
 * @param parameters paths of those that it mentions
 * @param slowNanos what all slow evaluations of all constraints of the sweep took together
 */
record CelConstraint(
        Place place, String path, String text, List<String> parameters, Program program, LongAdder slowNanos) {
    /** Evaluations that are quicker don't count: there may be a million of them. */
    private static final long SLOW_NANOS = 1_000_000;

    private static final Pattern WORD = Pattern.compile("[A-Za-z_][\\w.]*");
    private static final Pattern CLASS =
            Pattern.compile("\\b[a-z]\\w*\\.[a-z]\\w*\\.[\\w.$]+|\\w+(Exception|Error)\\b");
    private static final Pattern STRINGS = Pattern.compile("\"[^\"]*\"|'[^']*'");

    /** Compiles an expression over the parameters of a task; nothing if it is wrong, which is a problem. */
    static Optional<CelConstraint> compile(
            TaskSchema task, SpecNode.Scalar scalar, String path, LongAdder slowNanos, Problems problems) {
        String text = scalar.text();
        Optional<String> fault = CelSyntax.findFault(text);
        if (fault.isPresent()) {
            problems.add(scalar, path, quoted(text) + " is no expression: " + fault.get());
            return Optional.empty();
        }
        try {
            return check(task, scalar, path, slowNanos, problems);
        } catch (RuntimeException | StackOverflowError e) { // the library's own fault; no text may stop the reading
            problems.add(scalar, path, quoted(text) + " does not compile: " + reason(e));
            return Optional.empty();
        }
    }

    private static Optional<CelConstraint> check(
            TaskSchema task, SpecNode.Scalar scalar, String path, LongAdder slowNanos, Problems problems) {
        String text = scalar.text();
        Env env = Env.newEnv(EnvOption.declarations(
                task.parameters().stream().map(CelConstraint::declare).toList()));
        Env.AstIssuesTuple parsed = env.parse(text);
        Env.AstIssuesTuple checked = parsed.hasIssues() ? parsed : env.check(parsed.getAst());
        if (checked.hasIssues()) {
            CELError error = checked.getIssues().getErrors().get(0);
            problems.add(scalar, path, quoted(text) + " does not compile: " + explain(error, text, task));
            return Optional.empty();
        }
        Ast ast = checked.getAst();
        Optional<String> cost =
                new CelCost().findFault(ast.getExpr()); // before the program, which computes what is constant
        if (cost.isPresent()) {
            problems.add(scalar, path, quoted(text) + " may take too long: " + cost.get());
            return Optional.empty();
        }
        if (!Decls.Bool.equals(ast.getResultType())) {
            problems.add(scalar, path, quoted(text) + " is neither true nor false; compare it with something");
            return Optional.empty();
        }
        Program program = env.program(
                ast, ProgramOption.customDecorator(Match::replace), ProgramOption.evalOptions(EvalOption.OptOptimize));
        return Optional.of(new CelConstraint(scalar.place(), path, text, mentioned(text, task), program, slowNanos));
    }

    /** Whether it holds at a point. */
    boolean holds(Parameters point) {
        Verdict verdict = judge(point);
        if (verdict.fault() != null) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, place + ": " + path + ": " + describe(verdict, point));
        }
        return verdict.holds();
    }

    /**
     * What came of it at a point.
     *
     * @param fault why it has no value there, for instance a division by zero; null if it has one
     */
    record Verdict(boolean holds, @Nullable String fault) {}

    Verdict judge(Parameters point) {
        if (isOutOfTime()) {
            return new Verdict(false, "the constraints take too long: " + ReadLimit.CEL_SECONDS.told());
        }
        long begin = System.nanoTime();
        try {
            Val value = program.eval(Activation.newActivation(point.values())).getVal();
            return value instanceof BoolT
                    ? new Verdict(value.booleanValue(), null)
                    : new Verdict(false, plain(value.toString().strip()));
        } catch (RuntimeException | StackOverflowError e) { // the library reports most faults as values, not all
            return new Verdict(false, reason(e));
        } finally {
            long nanos = System.nanoTime() - begin;
            slowNanos.add(nanos > SLOW_NANOS ? nanos : 0);
        }
    }

    /** Whether the constraints of the sweep have taken all the time that they may take together. */
    boolean isOutOfTime() {
        return slowNanos.sum() > TimeUnit.SECONDS.toNanos(ReadLimit.CEL_SECONDS.most());
    }

    private static String reason(Throwable e) {
        if (e instanceof StackOverflowError) {
            return "it is nested too deeply";
        }
        return e.getMessage() == null ? "it can't be computed" : plain(e.getMessage());
    }

    /** The library's words, as far as they don't name its classes. */
    private static String plain(String message) {
        Matcher name = CLASS.matcher(message);
        if (!name.find()) {
            return message;
        }
        String words = message.substring(0, name.start()).replaceFirst("( to|class)?[ :;,('\\[]*$", "");
        return words.isEmpty() ? "it can't be computed" : words;
    }

    /** A verdict's fault, for messages. */
    String describe(Verdict verdict, Parameters point) {
        return quoted(text) + " has no value at " + point.nested() + ": " + verdict.fault();
    }

    /** Its text on one line, for messages. */
    static String quoted(String text) {
        return "'" + PlainText.shown(text.strip().replaceAll("\\s+", " ")) + "'";
    }

    private static List<String> mentioned(String text, TaskSchema task) {
        List<String> mentioned = new ArrayList<>();
        Matcher words = WORD.matcher(STRINGS.matcher(text).replaceAll("''"));
        while (words.find()) {
            String word = words.group();
            task.paths().stream()
                    .filter(path -> word.equals(path) || word.startsWith(path + "."))
                    .filter(path -> !mentioned.contains(path))
                    .forEach(mentioned::add);
        }
        return mentioned;
    }

    private static String explain(CELError error, String text, TaskSchema task) {
        String message = error.getMessage().replace(" (in container '')", "");
        int column = error.getLocation().column();
        String[] lines = text.split("\n", -1);
        int line = error.getLocation().line() - 1;
        if (message.startsWith("undeclared reference") && line >= 0 && line < lines.length) {
            Matcher word = WORD.matcher(lines[line]);
            if (column >= 0 && column <= lines[line].length() && word.find(column) && word.start() == column) {
                return "there is no parameter '" + word.group() + "'" + Nearest.suggestion(word.group(), task.paths());
            }
        }
        boolean mixes = message.contains("double") && message.contains("int");
        return message
                + CelSyntax.at(error.getLocation().line(), column)
                + (mixes ? "; write 1.0 beside a decimal parameter, or double(x), int(x)" : "");
    }

    private static Decl declare(ParameterSchema parameter) {
        Type type = type(parameter.type());
        boolean canWrap = parameter.isNullable() && !(parameter.type() instanceof ParameterType.ListOf);
        return Decls.newVar(
                parameter.path(), canWrap ? Decls.newWrapperType(type) : parameter.isNullable() ? Decls.Dyn : type);
    }

    private static Type type(ParameterType type) {
        if (type instanceof ParameterType.Whole) {
            return Decls.Int;
        }
        if (type instanceof ParameterType.Real) {
            return Decls.Double;
        }
        if (type instanceof ParameterType.Flag) {
            return Decls.Bool;
        }
        if (type instanceof ParameterType.ListOf list) {
            return Decls.newListType(type(list.element()));
        }
        return Decls.String;
    }

    /** A call of {@code matches} that ends: with two repeats alone the library's own takes hours on a long text. */
    private record Match(Interpretable.InterpretableCall call) implements Interpretable {
        /** The call in place of the library's own; other steps stay as they are. */
        static Interpretable replace(Interpretable step) {
            return step instanceof InterpretableCall call && call.function().equals(Overloads.Matches)
                    ? new Match(call)
                    : step;
        }

        @Override
        public long id() {
            return call.id();
        }

        @Override
        public Val eval(Activation point) {
            Val text = call.args()[0].eval(point);
            Val pattern = call.args()[1].eval(point);
            if (!(text instanceof StringT)) {
                return Err.maybeNoSuchOverloadErr(text);
            }
            if (!(pattern instanceof StringT)) {
                return Err.maybeNoSuchOverloadErr(pattern);
            }
            CountedText counted = new CountedText((String) text.value(), ReadLimit.CEL_MATCH_STEPS.most());
            try {
                return Types.boolOf(Pattern.compile((String) pattern.value())
                        .matcher(counted)
                        .find());
            } catch (PatternSyntaxException e) {
                return Err.newErr("%s", "the regular expression is wrong: " + e.getDescription());
            } catch (StackOverflowError e) {
                return Err.newErr("%s", "the regular expression is nested too deeply");
            } catch (CountedText.SpentException e) {
                return Err.newErr("%s", "the regular expression takes too long: " + ReadLimit.CEL_MATCH_STEPS.told());
            }
        }

        /** A text whose characters can be looked at so many times. */
        private static final class CountedText implements CharSequence {
            private final String text;
            private long left;

            CountedText(String text, long left) {
                this.text = text;
                this.left = left;
            }

            private static final class SpentException extends RuntimeException {
                private static final long serialVersionUID = 1L;
            }

            @Override
            public char charAt(int index) {
                if (left-- <= 0) {
                    throw new SpentException();
                }
                return text.charAt(index);
            }

            @Override
            public int length() {
                return text.length();
            }

            @Override
            public CharSequence subSequence(int begin, int end) {
                return text.substring(begin, end);
            }

            @Override
            public String toString() {
                return text;
            }
        }
    }

    /** Looks at the grammar of an expression alone, as the library's own parser prints such faults on stderr. */
    private static final class CelSyntax {
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
            if (text.length() > ReadLimit.CEL_CHARACTERS.most()) { // deeper ones would exhaust the stack
                return Optional.of("it is too long: " + ReadLimit.CEL_CHARACTERS.told());
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

    /**
     * What an expression may cost, told from its form: each macro like {@code map} goes over a list, one inside of another goes
     * over both, one behind another may double what it gets; and a regular expression may try every way to match.
     */
    private static final class CelCost {
        private static final int MOST_REPEATS = 2;
        private static final int MOST_CHOICES = 8;

        private int loops;
        private @Nullable String fault;

        Optional<String> findFault(Expr expression) {
            visit(expression, 0);
            return Optional.ofNullable(fault);
        }

        private void visit(Expr expression, int depth) {
            switch (expression.getExprKindCase()) {
                case SELECT_EXPR -> visit(expression.getSelectExpr().getOperand(), depth);
                case CALL_EXPR -> visit(expression.getCallExpr(), depth);
                case LIST_EXPR -> expression.getListExpr().getElementsList().forEach(each -> visit(each, depth));
                case STRUCT_EXPR ->
                    expression.getStructExpr().getEntriesList().forEach(entry -> {
                        visit(entry.getMapKey(), depth);
                        visit(entry.getValue(), depth);
                    });
                case COMPREHENSION_EXPR -> visit(expression.getComprehensionExpr(), depth);
                default -> {}
            }
        }

        private void visit(Expr.Comprehension loop, int depth) {
            loops++;
            if (loops > ReadLimit.CEL_LOOPS.most()) {
                fault = ReadLimit.CEL_LOOPS.told();
            } else if (depth >= ReadLimit.CEL_NESTED_LOOPS.most()) {
                fault = ReadLimit.CEL_NESTED_LOOPS.told();
            }
            visit(loop.getIterRange(), depth);
            visit(loop.getAccuInit(), depth);
            visit(loop.getLoopCondition(), depth + 1);
            visit(loop.getLoopStep(), depth + 1);
            visit(loop.getResult(), depth);
        }

        private void visit(Expr.Call call, int depth) {
            if (call.getFunction().equals("matches")) {
                Expr pattern = call.getArgs(call.getArgsCount() - 1);
                if (depth > 0) {
                    fault = "'matches' stands in a macro; compare with == there";
                } else if (!pattern.hasConstExpr()) {
                    fault = "the regular expression of 'matches' must be a text in quotes";
                } else {
                    check(pattern.getConstExpr().getStringValue());
                }
            }
            visit(call.getTarget(), depth);
            call.getArgsList().forEach(argument -> visit(argument, depth));
        }

        private void check(String pattern) {
            long repeats = pattern.chars().filter(c -> "*+{".indexOf(c) >= 0).count();
            long choices = pattern.chars().filter(c -> "?|".indexOf(c) >= 0).count();
            if (repeats > MOST_REPEATS || repeats + choices > MOST_CHOICES || pattern.matches("(?s).*\\)[*+{].*")) {
                fault = "a regular expression may have " + MOST_REPEATS
                        + " repeats ('*', '+', '{'), none of them of a group, and " + MOST_CHOICES
                        + " repeats and choices ('?', '|') together";
            }
        }
    }
}
