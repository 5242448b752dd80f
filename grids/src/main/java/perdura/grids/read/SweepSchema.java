package perdura.grids.read;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import perdura.grids.spec.ParameterSchema;
import perdura.grids.spec.TaskSchema;

/**
 * The JSON Schema (draft 7, which editors know best) of sweeps. It helps to write: the reader finds more, as what a constraint
 * says.
 */
public final class SweepSchema {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SweepSchema() {}

    /** The schema, with the parameters and metrics of the tasks that there are; of any task, if none is given. */
    public static String write(Collection<TaskSchema> tasks) {
        Map<String, Object> shape = new LinkedHashMap<>();
        shape.put("$schema", "http://json-schema.org/draft-07/schema#");
        shape.put("title", "A sweep of Perdura");
        shape.put("required", List.of("apiVersion", "kind", "name", "task", "objective"));
        shape.putAll(SweepCodec.of(null, new SweepPoints(null)).schema());
        ObjectNode schema = JSON.valueToTree(shape);
        ObjectNode definitions = schema.putObject("definitions");
        definitions.set("seeds", JSON.valueToTree(SeedFields.schema()));
        ObjectNode range = definitions.putObject("range").put("type", "array");
        range.putObject("items").put("type", "number");
        range.put("minItems", 3).put("maxItems", 3);
        if (!tasks.isEmpty()) {
            List<String> names = tasks.stream().map(TaskSchema::name).toList();
            strings(schema.withObject("/properties/task").putArray("enum"), names);
            ArrayNode each = schema.putArray("allOf");
            tasks.forEach(task -> each.add(ofTask(task)));
        }
        return schema.toPrettyString() + "\n";
    }

    private static ObjectNode ofTask(TaskSchema task) {
        ObjectNode rule = JSON.createObjectNode();
        rule.withObject("/if/properties/task").put("const", task.name());
        ObjectNode then = rule.withObject("/then/properties");
        then.set("base", orNull(group(task, "", SweepSchema::value)));
        ObjectNode matrix = group(task, "", SweepSchema::axis);
        matrix.withObject("/properties/seeds").put("$ref", "#/definitions/seeds");
        then.set("matrix", orNull(matrix));
        then.withObject("/include").set("items", group(task, "", SweepSchema::value));
        then.withObject("/exclude").set("items", group(task, "", SweepSchema::value));
        ObjectNode objective = then.withObject("/objective/properties");
        strings(objective.putObject("metric").putArray("enum"), task.metrics());
        strings(objective.withObject("/report/items").putArray("enum"), task.metrics());
        return rule;
    }

    /** An object with the parameters under a prefix, each by its rest of the path, and the groups among them. */
    private static ObjectNode group(TaskSchema task, String prefix, Function<ParameterSchema, ObjectNode> leaf) {
        ObjectNode object = JSON.createObjectNode();
        object.put("type", "object");
        object.put("additionalProperties", false);
        ObjectNode properties = object.putObject("properties");
        for (ParameterSchema parameter : task.parameters()) {
            if (!parameter.path().startsWith(prefix)) {
                continue;
            }
            String rest = parameter.path().substring(prefix.length());
            properties.set(rest, leaf.apply(parameter));
            for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.', dot + 1)) {
                String below = rest.substring(0, dot);
                if (!properties.has(below)) {
                    properties.set(below, group(task, prefix + below + ".", leaf));
                }
            }
        }
        return object;
    }

    private static ObjectNode axis(ParameterSchema parameter) {
        ObjectNode values = JSON.createObjectNode();
        values.put("type", "array");
        values.put("minItems", 1);
        values.put("uniqueItems", true);
        values.set("items", value(parameter));
        ObjectNode form = JSON.createObjectNode();
        form.put("type", "object");
        form.put("additionalProperties", false);
        ObjectNode properties = form.putObject("properties");
        properties.set("values", values.deepCopy());
        properties.putObject("range").put("$ref", "#/definitions/range").put("description", "[from, to, step]");
        properties.putObject("logRange").put("$ref", "#/definitions/range").put("description", "[from, to, count]");
        properties.putObject("when").put("type", "object");
        ObjectNode axis = JSON.createObjectNode();
        axis.put("description", parameter.meaning());
        axis.putArray("anyOf").add(values).add(form);
        return axis;
    }

    private static ObjectNode value(ParameterSchema parameter) {
        ObjectNode own = JSON.valueToTree(parameter.type().schema());
        own.put("description", parameter.meaning());
        return parameter.isNullable() ? orNull(own) : own;
    }

    private static ObjectNode orNull(ObjectNode schema) {
        ObjectNode either = JSON.createObjectNode();
        either.putArray("anyOf").add(schema).add(JSON.createObjectNode().put("type", "null"));
        return either;
    }

    private static void strings(ArrayNode array, List<String> words) {
        words.forEach(array::add);
    }
}
