package perdura.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import perdura.experiments.steer.Thing;
import perdura.experiments.steer.Thing.Kind;
import perdura.experiments.steer.Thing.State;
import perdura.experiments.steer.Verb;
import perdura.experiments.steer.VerbTable;
import perdura.experiments.steer.VerbTable.Refusal;
import perdura.testkit.Repository;

/** The tables of {@code docs/verbs.md} are those of the code. {@code -Dperdura.write=true} writes them anew. */
class TestVerbsPage {
    private static final String BEGIN = "<!-- tables: begin -->";
    private static final String END = "<!-- tables: end -->";

    @Test
    void thePagePrintsTheTable() throws IOException {
        Path page = Repository.resolve("docs/verbs.md");
        String text = Files.readString(page);
        String tables = tables();
        String wanted = text.substring(0, text.indexOf(BEGIN) + BEGIN.length()) + "\n" + tables
                + text.substring(text.indexOf(END));
        if (Boolean.getBoolean("perdura.write")) {
            Files.writeString(page, wanted);
        }
        assertThat(text).isEqualTo(wanted);
    }

    private static String tables() {
        StringBuilder text = new StringBuilder();
        table(text, "A pre-training", Kind.PRETRAINING, null);
        table(text, "A sweep", Kind.SWEEP, null);
        table(text, "A trial of a sweep that is RUNNING", Kind.TRIAL, State.RUNNING);
        table(text, "A trial of a sweep that is PAUSED", Kind.TRIAL, State.PAUSED);
        table(text, "A trial of a sweep that is CANCELLED", Kind.TRIAL, State.CANCELLED);
        table(text, "A trial of a sweep that is FINISHED", Kind.TRIAL, State.FINISHED);
        table(text, "An ingest", Kind.INGEST, null);
        return text.toString();
    }

    private static void table(StringBuilder text, String title, Kind kind, @Nullable State sweep) {
        text.append("\n### ").append(title).append("\n\n| | state | |\n|---|---|---|\n");
        for (Verb verb : Verb.values()) {
            Map<String, List<String>> states = new LinkedHashMap<>();
            for (Thing thing : things(kind, sweep)) {
                states.computeIfAbsent(cell(verb, thing), any -> new ArrayList<>())
                        .add(state(thing));
            }
            boolean isAlways = states.size() == 1;
            String name = verb.words();
            for (Map.Entry<String, List<String>> cell : states.entrySet()) {
                String in = isAlways ? "any" : String.join(", ", cell.getValue());
                text.append("| ")
                        .append(name)
                        .append(" | ")
                        .append(in)
                        .append(" | ")
                        .append(cell.getKey())
                        .append(" |\n");
                name = "";
            }
        }
    }

    private static List<Thing> things(Kind kind, @Nullable State sweep) {
        List<Thing> things = new ArrayList<>();
        for (State state : kind.states()) {
            switch (kind) {
                case PRETRAINING -> things.add(new Thing("RUN", kind, state, null, 0, ""));
                case INGEST ->
                    things.add(new Thing("NAME", kind, state, null, 0, "perdura data ingest SET --root DIR"));
                case SWEEP -> {
                    things.add(new Thing("SWEEP", kind, state, null, 0, "the budget of 1h of wall time is spent"));
                    if (state == State.FINISHED) {
                        things.add(new Thing("SWEEP", kind, state, null, 1, ""));
                    }
                }
                case TRIAL -> {
                    if (canBe(state, sweep)) {
                        Thing own = new Thing(
                                "SWEEP",
                                Kind.SWEEP,
                                Objects.requireNonNull(sweep),
                                null,
                                state == State.FAILED ? 1 : 0,
                                "");
                        things.add(new Thing("TRIAL", kind, state, own, 0, ""));
                    }
                }
            }
        }
        return things;
    }

    private static boolean canBe(State trial, @Nullable State sweep) {
        return switch (trial) {
            case RUNNING -> sweep == State.RUNNING;
            case PENDING -> sweep == State.RUNNING || sweep == State.PAUSED;
            case KILLED -> sweep == State.CANCELLED;
            default -> true;
        };
    }

    private static String state(Thing thing) {
        return thing.failedTrials() > 0 && thing.kind() == Kind.SWEEP
                ? thing.state() + " with failed trials"
                : thing.state().name();
    }

    private static String cell(Verb verb, Thing thing) {
        Optional<Refusal> refusal = VerbTable.ask(verb, thing);
        return refusal.map(no -> "no: `" + no.command() + "`").orElse("yes: `" + verb.command(thing) + "`");
    }
}
