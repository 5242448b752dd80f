package perdura.grids.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import perdura.grids.codec.Place;
import perdura.grids.codec.Problems;
import perdura.grids.codec.SpecNode;
import perdura.grids.codec.YamlText;

/** What {@code --set path=value} changes. A path is keys and positions in lists: {@code model.dim}, {@code stages.0.epochs}. */
final class Overrides {
    private final List<Setting> settings = new ArrayList<>();
    private final Problems problems;

    private record Setting(String flag, List<String> path, SpecNode value) {
        boolean entersList() {
            return path.stream().anyMatch(Overrides::isPosition);
        }
    }

    /** @param flags each {@code path=value}, the value in YAML */
    Overrides(List<String> flags, Problems problems) {
        this("--set ", flags, problems);
    }

    /** @param before what stands before a setting in messages */
    Overrides(String before, List<String> flags, Problems problems) {
        this.problems = problems;
        for (String text : flags) {
            String flag = before + text;
            int equals = text.indexOf('=');
            List<String> path =
                    equals < 0 ? List.of() : List.of(text.substring(0, equals).split("\\.", -1));
            if (path.isEmpty() || path.stream().anyMatch(String::isBlank)) {
                problems.add(Place.flag(flag), "", "expected path=value, for instance --set stages.0.epochs=3");
                continue;
            }
            settings.add(new Setting(flag, path, YamlText.parseFlag(flag, text.substring(equals + 1), problems)));
        }
    }

    /** Applies those that only go through mappings; keys that are not there are added. */
    SpecNode.Mapping overKeys(SpecNode.Mapping document) {
        return over(document, false);
    }

    /** Applies those that go into lists, which must be there. */
    SpecNode.Mapping overLists(SpecNode.Mapping document) {
        return over(document, true);
    }

    private SpecNode.Mapping over(SpecNode.Mapping document, boolean intoLists) {
        SpecNode.Mapping changed = document;
        for (Setting setting : settings) {
            if (setting.entersList() == intoLists) {
                changed = (SpecNode.Mapping) set(changed, setting, 0);
            }
        }
        return changed;
    }

    private SpecNode set(SpecNode node, Setting setting, int depth) {
        if (depth == setting.path.size()) {
            return setting.value;
        }
        String key = setting.path.get(depth);
        Place place = Place.flag(setting.flag);
        if (node instanceof SpecNode.Mapping mapping) {
            SpecNode.Mapping.Entry entry = mapping.entries().get(key);
            SpecNode below = entry == null ? new SpecNode.Mapping(place, Map.of()) : entry.value();
            Place keyPlace = entry == null ? place : entry.keyPlace();
            return mapping.with(key, new SpecNode.Mapping.Entry(keyPlace, set(below, setting, depth + 1)));
        }
        if (node instanceof SpecNode.Sequence list && isPosition(key)) {
            return set(list, Integer.parseInt(key), setting, depth);
        }
        if (node instanceof SpecNode.Scalar scalar && scalar.isNull() && !isPosition(key)) {
            return set(new SpecNode.Mapping(place, Map.of()), setting, depth);
        }
        problems.add(
                place, String.join(".", setting.path.subList(0, depth)), "has no '" + key + "', it is " + node.kind());
        return node;
    }

    private SpecNode set(SpecNode.Sequence list, int position, Setting setting, int depth) {
        List<SpecNode> items = new ArrayList<>(list.items());
        if (position >= items.size()) {
            problems.add(
                    Place.flag(setting.flag),
                    String.join(".", setting.path.subList(0, depth)),
                    "has no position " + position + "; positions begin at 0 and the list has " + items.size());
            return list;
        }
        items.set(position, set(items.get(position), setting, depth + 1));
        return new SpecNode.Sequence(list.place(), items);
    }

    private static boolean isPosition(String key) {
        return key.matches("[0-9]{1,6}");
    }
}
