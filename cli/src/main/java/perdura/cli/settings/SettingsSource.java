package perdura.cli.settings;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

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
}
