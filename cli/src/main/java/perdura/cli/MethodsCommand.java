package perdura.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.training.method.Method;
import perdura.training.method.Methods;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the methods of pre-training that this program knows. */
@Command(
        name = "methods",
        description = "List the methods of pre-training that a spec may name, with their profiles and figures.")
final class MethodsCommand extends Subcommand {
    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() {
        List<Method> methods = Methods.load().all();
        if (json) {
            terminal.result(Json.of(methods.stream().map(MethodsCommand::view).toList()));
            return 0;
        }
        Table table = new Table("METHOD", "VERSION", "PROFILES", "FIGURES");
        methods.forEach(method -> table.row(
                method.schema().name(),
                method.schema().version(),
                String.join(", ", method.schema().profiles()),
                method.figures().size()));
        terminal.result(table.toString());
        return 0;
    }

    private static Map<String, Object> view(Method method) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", method.schema().name());
        view.put("version", method.schema().version());
        view.put("profiles", method.schema().profiles());
        view.put("figures", method.figures().size());
        return view;
    }
}
