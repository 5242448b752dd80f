package perdura.grids.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import perdura.grids.codec.Leaf;
import perdura.grids.codec.RecordCodec;
import perdura.grids.codec.SpecNode;

/** Writes the keys of a document as a table in Markdown, for the documents of this project and those of methods. */
final class SpecTable {
    private SpecTable() {}

    /** @param defaults of each profile */
    static String of(RecordCodec<?> document, Map<String, SpecNode.Mapping> defaults) {
        List<String> head = new ArrayList<>(List.of("key", "values"));
        head.addAll(defaults.keySet());
        head.add("meaning");
        StringBuilder table = new StringBuilder(row(head));
        table.append(row(head.stream().map(column -> "---").toList()).replace(" ", ""));
        for (Leaf leaf : Leaf.all(document)) {
            List<String> cells = new ArrayList<>();
            cells.add("`" + leaf.dotted() + "`");
            String orNull = leaf.isNullable() ? ", or null" : "";
            cells.add(leaf.type().map(type -> type.range() + orNull).orElse(""));
            defaults.values().forEach(profile -> cells.add(defaultOf(leaf, profile)));
            cells.add(leaf.meaning());
            table.append(row(cells));
        }
        return table.toString();
    }

    private static String row(List<String> cells) {
        return "| " + cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ")) + " |\n";
    }

    private static String defaultOf(Leaf leaf, SpecNode.Mapping profile) {
        if (leaf.numberKey() == null) {
            return profile.find(leaf.path().toArray(String[]::new))
                    .map(SpecTable::text)
                    .orElse("");
        }
        SpecNode list = profile.find(leaf.path().get(0)).orElse(profile);
        List<String> each = new ArrayList<>();
        if (list instanceof SpecNode.Sequence items) {
            String[] below = leaf.path().subList(1, leaf.path().size()).toArray(String[]::new);
            for (SpecNode item : items.items()) {
                each.add(((SpecNode.Mapping) item)
                        .find(below)
                        .map(SpecTable::text)
                        .orElse(""));
            }
        }
        return each.stream().distinct().count() == 1 ? each.get(0) : String.join("; ", each);
    }

    private static String text(SpecNode node) {
        if (node instanceof SpecNode.Sequence list) {
            return list.items().stream().map(SpecTable::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return node instanceof SpecNode.Scalar scalar ? scalar.isNull() ? "null" : scalar.text() : "";
    }
}
