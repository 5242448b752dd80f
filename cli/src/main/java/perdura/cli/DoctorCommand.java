package perdura.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.cli.doctor.MachineChecks;
import perdura.cli.doctor.ServiceChecks;
import perdura.cli.doctor.ServiceChecks.Diagnosis;
import perdura.cli.settings.Settings;
import perdura.cli.words.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks every part. */
@Command(
        name = "doctor",
        description = "Check every part, say what is wrong and what to do. Exits with 1 if something is broken.")
final class DoctorCommand extends Subcommand {
    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        Settings settings = connection.load();
        List<Diagnosis> all = new ArrayList<>(new MachineChecks(connection.stackHome(), terminal.environment()).run());
        all.addAll(new ServiceChecks(settings, connection.stackHome(), terminal.environment()).run());
        if (json) {
            Map<String, Object> whole = new LinkedHashMap<>();
            whole.put("settings", settings.describe());
            whole.put("checks", all);
            terminal.result(Json.of(whole));
        } else {
            all.forEach(this::print);
            settings.describe().forEach((key, value) -> terminal.result("  " + key + " = " + value));
        }
        return all.stream().anyMatch(d -> d.grade() == Diagnosis.Grade.BROKEN) ? 1 : 0;
    }

    private void print(Diagnosis diagnosis) {
        String mark = switch (diagnosis.grade()) {
            case GOOD -> "✓";
            case NOTE -> "-";
            case BROKEN -> "✗";
        };
        terminal.result(mark + " " + diagnosis.part() + ": " + diagnosis.finding());
        if (!diagnosis.remedy().isEmpty()) {
            terminal.result("    " + diagnosis.remedy());
        }
    }
}
