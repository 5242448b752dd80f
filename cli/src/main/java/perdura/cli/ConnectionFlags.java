package perdura.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import perdura.cli.settings.Setting;
import perdura.cli.settings.Settings;
import perdura.cli.settings.SettingsSource;
import perdura.cli.stack.StackHome;
import perdura.cli.words.Terminal;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.WeightStore;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** The flags by which every command learns where its servers are, and the settings that follow from them. */
final class ConnectionFlags {
    private static final String CONFIG_VARIABLE = "PERDURA_CONFIG";
    private static final String HOME_VARIABLE = "PERDURA_HOME";

    private final Terminal terminal;
    private final Map<Setting, String> flags = new EnumMap<>(Setting.class);
    private @Nullable String config;
    private @Nullable String home;

    private final Connections.@Nullable Servers servers;

    /** @param servers that are open already; null: each command opens its own */
    ConnectionFlags(Terminal terminal, Connections.@Nullable Servers servers) {
        this.terminal = terminal;
        this.servers = servers;
    }

    /** The connections of a command, to be closed at its end. */
    Connections open(Connections.Access access) {
        return new Connections(terminal, load(), access, servers);
    }

    /** Gives a command the flags. */
    void addTo(CommandSpec command) {
        command.addOption(option(
                "--home",
                "DIR",
                "folder of the local stack; default: PERDURA_HOME, else .perdura in the working folder",
                value -> home = value));
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nWhere the servers are (also as variables PERDURA_..., and in perdura.yaml):%n");
        group.exclusive(false).validate(false);
        group.addArg(option(
                "--config",
                "FILE",
                "file with settings; default: perdura.yaml, if there is one",
                value -> config = value));
        for (Setting setting : Setting.values()) {
            String warning = setting.isSecret() ? "; others can see it here, rather set " + setting.variable() : "";
            group.addArg(option(
                    setting.flag(),
                    setting.valueName(),
                    setting.description() + warning,
                    value -> set(setting, value)));
        }
        command.addArgGroup(group.build());
    }

    private void set(Setting setting, @Nullable String value) {
        if (value == null) {
            flags.remove(setting);
        } else {
            flags.put(setting, value);
        }
    }

    private interface Receiver {
        void accept(@Nullable String value);
    }

    private static OptionSpec option(String name, String valueName, String description, Receiver receiver) {
        return OptionSpec.builder(name)
                .paramLabel(valueName)
                .type(String.class)
                .description(description)
                .setter(new ISetter() {
                    @Override
                    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli never uses the old value
                    public <T> T set(T value) {
                        receiver.accept((String) value);
                        return value;
                    }
                })
                .build();
    }

    /** The folder of the local stack. */
    StackHome stackHome() {
        String folder = home;
        if (folder == null) {
            folder = terminal.environment().getOrDefault(HOME_VARIABLE, ".perdura");
        }
        return new StackHome(Path.of(folder));
    }

    /**
     * The settings by flags, environment, file and running local stack, strongest first.
     *
     * @throws PerduraException INVALID_SPEC with all wrong values
     */
    Settings load() {
        return hidden(Settings.of(
                given(), stackHome().findSettings().orElse(null), stackHome().folder()));
    }

    /** The settings without those of the running local stack. */
    Settings loadGiven() {
        return hidden(Settings.of(given(), null));
    }

    private Settings hidden(Settings settings) {
        terminal.masking().hide(settings.secrets());
        return settings;
    }

    /** The folder of artifacts that the settings name, else that of the local stack. Needs no running stack. */
    Path artifacts() {
        Settings settings = load();
        return settings.has(Setting.ARTIFACTS)
                ? settings.artifacts()
                : stackHome().artifacts();
    }

    /** The imported weights among the artifacts. */
    WeightStore weights() {
        return new WeightStore(artifacts());
    }

    private List<SettingsSource> given() {
        List<SettingsSource> sources = new ArrayList<>();
        sources.add(new SettingsSource("command line", flags));
        sources.add(SettingsSource.ofEnvironment(terminal.environment()));
        Path file = file();
        if (file != null) {
            sources.add(SettingsSource.SettingsFile.read(file));
        }
        // Also a value that is refused is not shown.
        sources.forEach(source -> source.values().forEach((setting, value) -> {
            if (setting.isSecret()) {
                terminal.masking().hide(List.of(value));
            }
        }));
        return sources;
    }

    private @Nullable Path file() {
        String named = config == null ? terminal.environment().get(CONFIG_VARIABLE) : config;
        if (named != null && !named.isBlank()) {
            Path file = Path.of(named);
            if (!Files.isRegularFile(file)) {
                throw new PerduraException(
                        ErrorCode.INVALID_SPEC,
                        "the settings file '" + file + "' (--config, " + CONFIG_VARIABLE + ") does not exist");
            }
            return file;
        }
        Path usual = Path.of("perdura.yaml");
        return Files.isRegularFile(usual) ? usual : null;
    }
}
