package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.cli.stack.PartName;
import perdura.cli.stack.PartState;
import perdura.cli.stack.ProcessRef;
import perdura.cli.stack.StackState;
import perdura.cli.words.Table;
import perdura.grids.spec.EnumWord;

/** The state of the local stack for people and for programs. */
final class StackTable {
    private StackTable() {}

    static String of(StackState state) {
        Table table = new Table("PART", "STATE", "PORT", "PID", "RESTARTS", "DETAIL");
        state.parts()
                .forEach((name, part) -> table.row(
                        name.title(),
                        word(part),
                        part.port() == 0 ? "" : part.port(),
                        part.process() == null ? "" : part.process().pid(),
                        part.restarts(),
                        part.detail()));
        return table.toString();
    }

    /** What the process table says counts more than what the file says. */
    static String word(PartState part) {
        boolean shouldRun = part.phase() == PartState.Phase.READY || part.phase() == PartState.Phase.STARTING;
        ProcessRef process = part.process();
        boolean isDead = shouldRun && process != null && !process.isAlive();
        return isDead ? "dead" : EnumWord.of(part.phase());
    }

    static Map<String, Object> json(StackState state) {
        Map<String, Object> parts = new LinkedHashMap<>();
        state.parts().forEach((name, part) -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("state", word(part));
            one.put("port", part.port());
            one.put("uiPort", part.uiPort());
            ProcessRef process = part.process();
            one.put("pid", process == null ? 0 : process.pid());
            one.put("restarts", part.restarts());
            one.put("detail", part.detail());
            parts.put(EnumWord.of(name), one);
        });
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("running", state.isOwned());
        whole.put("embedded", state.embedded());
        whole.put("parts", parts);
        return whole;
    }

    /** What a user must know although everything may work. */
    static List<String> warnings(StackState state) {
        List<String> lines = new ArrayList<>();
        PartState temporal = state.part(PartName.TEMPORAL);
        if (temporal.detail().startsWith("EMBEDDED")) {
            lines.add("WARNING: Temporal is the " + temporal.detail()
                    + ". For the real server put 'temporal' or Go on the PATH, or set PERDURA_TEMPORAL_ADDRESS.");
        }
        lines.addAll(state.parts().entrySet().stream()
                .filter(part -> part.getValue().phase() == PartState.Phase.UNAVAILABLE)
                .map(part -> part.getKey().title() + ": " + part.getValue().detail())
                .toList());
        return lines;
    }

    /** Whether runs can be made: everything but MLflow is needed. */
    static boolean isUsable(StackState state) {
        return state.parts().entrySet().stream()
                .filter(part -> part.getKey() != PartName.MLFLOW)
                .noneMatch(part -> part.getValue().phase() == PartState.Phase.UNAVAILABLE);
    }
}
