package perdura.cli.settings;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import perdura.grids.input.RegularFile;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Nearest;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.grids.spec.ReadLimit;

/**
 * Settings from one place. {@link #toString} hides the values.
 *
 * @param name how messages call the place, for instance {@code environment} or a file name
 */
public record SettingsSource(String name, Map<Setting, String> values) {
    public SettingsSource {
        Map<Setting, String> copy = new EnumMap<>(Setting.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    /** Reads the variables {@code PERDURA_...}; an empty one counts as not set. */
    public static SettingsSource ofEnvironment(Map<String, String> environment) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String value = environment.get(setting.variable());
            if (value != null && !value.isBlank()) {
                values.put(setting, value);
            }
        }
        return new SettingsSource("environment", values);
    }

    /** How a message names one setting of this source. */
    String nameOf(Setting setting) {
        return switch (name) {
            case "environment" -> setting.variable();
            case "command line" -> setting.flag();
            default -> name + ": " + setting.key();
        };
    }

    @Override
    public String toString() {
        return "SettingsSource[" + name + ", " + values.keySet() + "]";
    }

    /** Reads {@code perdura.yaml}: sections temporal, database, mlflow, airflow, and the key artifacts. */
    public static final class SettingsFile {
        private static final YAMLFactory YAML = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();

        private static final int MOST_PROBLEMS = 20;

        private SettingsFile() {}

        /**
         * Reads a file. Relative paths in it are relative to its folder.
         *
         * @throws PerduraException INVALID_SPEC naming unknown keys and wrong types at once, if it is no regular file, or over a limit
         */
        public static SettingsSource read(Path file) {
            Map<Setting, String> values = new EnumMap<>(Setting.class);
            List<String> problems = new ArrayList<>();
            collect(file, "", parse(file), values, problems);
            if (!problems.isEmpty()) {
                throw new PerduraException(ErrorCode.INVALID_SPEC, told(problems));
            }
            return new SettingsSource(file.toString(), values);
        }

        private static String told(List<String> problems) {
            String first = problems.stream().limit(MOST_PROBLEMS).collect(Collectors.joining("\n"));
            int more = problems.size() - MOST_PROBLEMS;
            return more > 0 ? first + "\nand " + more + " more" : first;
        }

        private static JsonNode parse(Path file) {
            try {
                JsonNode root = read(text(file));
                return root.isNull() ? JsonNodeFactory.instance.objectNode() : root;
            } catch (JsonProcessingException e) {
                JsonLocation at = e.getLocation();
                String place = at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr();
                // The parser's own text may quote the line, and with it a secret.
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        file + place + ": not valid YAML; expected lines like 'database:' and '  url: ...'");
            } catch (IOException e) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC, file + ": cannot be read: " + RegularFile.reason(e), e);
            }
        }

        private static String text(Path file) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(RegularFile.read(file, ReadLimit.SETTINGS_BYTES));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        }

        private static JsonNode read(String text) throws IOException {
            try (JsonParser parser = YAML.createParser(text)) {
                parser.nextToken();
                JsonNode root = node(parser);
                if (parser.nextToken() != null) {
                    throw new JsonParseException(parser, "more than one document");
                }
                return root;
            }
        }

        /** A value as it is written: YAML would make {@code 0123} 83, {@code 1e3} 1000.0 and {@code yes} true. */
        private static JsonNode node(JsonParser parser) throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.START_OBJECT) {
                ObjectNode map = JsonNodeFactory.instance.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    parser.nextToken();
                    map.set(key, node(parser));
                }
                return map;
            }
            if (token == JsonToken.START_ARRAY) {
                ArrayNode list = JsonNodeFactory.instance.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(node(parser));
                }
                return list;
            }
            return token == null || token == JsonToken.VALUE_NULL
                    ? JsonNodeFactory.instance.nullNode()
                    : JsonNodeFactory.instance.textNode(parser.getText());
        }

        private static void collect(
                Path file, String prefix, JsonNode node, Map<Setting, String> values, List<String> problems) {
            if (!node.isObject()) {
                problems.add(file + ": " + (prefix.isEmpty() ? "the file" : prefix) + " must be a map of settings");
                return;
            }
            node.properties().forEach(field -> {
                String key = prefix.isEmpty() ? field.getKey() : prefix + "." + field.getKey();
                JsonNode value = field.getValue();
                Optional<Setting> setting = find(key);
                if (setting.isPresent() && value.isValueNode()) {
                    if (!value.asText().isBlank() && !value.isNull()) {
                        values.put(setting.get(), resolve(file, setting.get(), value.asText()));
                    }
                } else if (setting.isPresent()) {
                    problems.add(file + ": " + key + " must be a single value");
                } else if (isSection(key)) {
                    collect(file, key, value, values, problems);
                } else {
                    problems.add(file + ": unknown key '" + PlainText.shown(key) + "'" + suggestion(key));
                }
            });
        }

        private static Optional<Setting> find(String key) {
            return Arrays.stream(Setting.values())
                    .filter(s -> s.key().equals(key))
                    .findFirst();
        }

        private static boolean isSection(String key) {
            return Arrays.stream(Setting.values()).anyMatch(s -> s.key().startsWith(key + "."));
        }

        private static String suggestion(String key) {
            return Nearest.suggestion(
                    key, Arrays.stream(Setting.values()).map(Setting::key).toList());
        }

        private static String resolve(Path file, Setting setting, String value) {
            boolean isPath =
                    setting.valueName().equals("FILE") || setting.valueName().equals("DIR");
            return isPath
                    ? file.toAbsolutePath().resolveSibling(value).normalize().toString()
                    : value;
        }
    }
}
