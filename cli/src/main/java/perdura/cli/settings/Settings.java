package perdura.cli.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.activities.worker.TemporalConfig;
import perdura.grids.spec.Advice;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.Masking;
import perdura.grids.spec.PerduraException;
import perdura.store.DatabaseConfig;
import perdura.store.relay.MlflowConfig;

/** The settings that hold, each from the first source that has it. Checked when made. {@link #toString} hides secrets. */
public final class Settings {
    private static final String REMEDY = "start the local stack with " + Advice.UP.in()
            + ", or name a server (variable %s, flag %s, or %s in perdura.yaml)";

    private final Map<Setting, Found> found;
    private final String noStack;

    /** @param noStack where no local stack runs, for people */
    private Settings(Map<Setting, Found> found, String noStack) {
        this.found = found;
        this.noStack = noStack;
    }

    private record Found(String value, SettingsSource source) {
        String name(Setting setting) {
            return source.nameOf(setting);
        }
    }

    /**
     * Lays sources over one another.
     *
     * @param sources strongest first
     * @param localStack what the running local stack offers; a service of it counts only if no source names that service
     * @throws PerduraException INVALID_SPEC with all wrong values at once
     */
    public static Settings of(List<SettingsSource> sources, @Nullable SettingsSource localStack) {
        return of(sources, localStack, "");
    }

    /**
     * As {@link #of(List, SettingsSource)}.
     *
     * @param home the folder in which a local stack was looked for
     */
    public static Settings of(List<SettingsSource> sources, @Nullable SettingsSource localStack, Path home) {
        return of(
                sources,
                localStack,
                "; no local stack runs in " + home + " (PERDURA_HOME or --home names the folder of another one)");
    }

    private static Settings of(List<SettingsSource> sources, @Nullable SettingsSource localStack, String noStack) {
        Map<Setting, Found> found = new EnumMap<>(Setting.class);
        for (SettingsSource source : sources) {
            source.values().forEach((setting, value) -> found.putIfAbsent(setting, new Found(value, source)));
        }
        if (localStack != null) {
            Set<String> named = found.keySet().stream().map(Setting::group).collect(Collectors.toSet());
            localStack.values().forEach((setting, value) -> {
                if (!named.contains(setting.group())) {
                    found.put(setting, new Found(value, localStack));
                }
            });
        }
        Settings settings = new Settings(found, noStack);
        settings.check();
        return settings;
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if no source names a server */
    public TemporalConfig temporal() {
        boolean tls = find(Setting.TEMPORAL_TLS)
                .map(Boolean::parseBoolean)
                .orElse(has(Setting.TEMPORAL_API_KEY)
                        || has(Setting.TEMPORAL_TLS_CERT)
                        || has(Setting.TEMPORAL_TLS_CA));
        return new TemporalConfig(
                require(Setting.TEMPORAL_ADDRESS, "Temporal"),
                find(Setting.TEMPORAL_NAMESPACE).orElse("default"),
                tls,
                path(Setting.TEMPORAL_TLS_CA),
                path(Setting.TEMPORAL_TLS_CERT),
                path(Setting.TEMPORAL_TLS_KEY),
                find(Setting.TEMPORAL_API_KEY).orElse(null));
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if no source names a server */
    public DatabaseConfig database() {
        return new DatabaseConfig(
                require(Setting.DATABASE_URL, "Postgres"),
                find(Setting.DATABASE_USER).orElse("perdura"),
                find(Setting.DATABASE_PASSWORD).orElse(""));
    }

    /** MLflow's server, if any source names one. */
    public Optional<MlflowConfig> mlflow() {
        return find(Setting.MLFLOW_URL)
                .map(url -> new MlflowConfig(
                        withoutSlash(url),
                        find(Setting.MLFLOW_USER).orElse(null),
                        find(Setting.MLFLOW_PASSWORD).orElse(null),
                        find(Setting.MLFLOW_TOKEN).orElse(null)));
    }

    /** Airflow's server, if any source names one. */
    public Optional<AirflowConfig> airflow() {
        return find(Setting.AIRFLOW_URL)
                .map(url -> new AirflowConfig(
                        withoutSlash(url),
                        find(Setting.AIRFLOW_USER).orElse(null),
                        find(Setting.AIRFLOW_PASSWORD).orElse(null),
                        find(Setting.AIRFLOW_TOKEN).orElse(null)));
    }

    private static URI withoutSlash(String url) {
        return URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    }

    /** @throws PerduraException SERVICE_UNAVAILABLE if no source names a folder */
    public Path artifacts() {
        return Path.of(require(Setting.ARTIFACTS, "the artifact folder"))
                .toAbsolutePath()
                .normalize();
    }

    /** All settings that are set, secrets included: what another process of ours is started with. */
    public Map<Setting, String> values() {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        found.forEach((setting, f) -> values.put(setting, f.value()));
        return values;
    }

    /** The values that nobody is to see. */
    public List<String> secrets() {
        return found.entrySet().stream()
                .filter(entry -> entry.getKey().isSecret())
                .map(entry -> entry.getValue().value())
                .toList();
    }

    public boolean has(Setting setting) {
        return found.containsKey(setting);
    }

    /** Every setting that is set, with its source, for people: a secret is {@code ***}. */
    public Map<String, String> describe() {
        Map<String, String> lines = new LinkedHashMap<>();
        found.forEach((setting, f) -> lines.put(
                setting.key(),
                (setting.isSecret() ? Masking.MASK : Masking.addresses(f.value())) + " ("
                        + f.source().name() + ")"));
        return lines;
    }

    @Override
    public String toString() {
        return "Settings" + describe();
    }

    private Optional<String> find(Setting setting) {
        return Optional.ofNullable(found.get(setting)).map(Found::value);
    }

    private @Nullable Path path(Setting setting) {
        return find(setting).map(Path::of).orElse(null);
    }

    private String require(Setting setting, String what) {
        return find(setting)
                .orElseThrow(() -> new PerduraException(
                        ErrorCode.SERVICE_UNAVAILABLE,
                        "no setting says where " + what + " is" + noStack + "; "
                                + REMEDY.formatted(setting.variable(), setting.flag(), setting.key())));
    }

    private void check() {
        List<String> problems = new ArrayList<>();
        found.forEach((setting, f) -> {
            String problem = problemOf(setting, f.value());
            if (!problem.isEmpty()) {
                problems.add(f.name(setting) + " " + problem
                        + (setting.isSecret() || Masking.holdsSecret(f.value()) ? "" : ", was '" + f.value() + "'"));
            }
        });
        requireTogether(problems, Setting.TEMPORAL_TLS_CERT, Setting.TEMPORAL_TLS_KEY);
        requireTogether(problems, Setting.TEMPORAL_TLS_KEY, Setting.TEMPORAL_TLS_CERT);
        requireTogether(problems, Setting.MLFLOW_PASSWORD, Setting.MLFLOW_USER);
        requireTogether(problems, Setting.AIRFLOW_PASSWORD, Setting.AIRFLOW_USER);
        for (Setting credential : List.of(Setting.AIRFLOW_USER, Setting.AIRFLOW_TOKEN)) {
            requireTogether(problems, credential, Setting.AIRFLOW_URL);
        }
        if (!problems.isEmpty()) {
            throw new PerduraException(ErrorCode.INVALID_SPEC, String.join("\n", problems));
        }
    }

    private void requireTogether(List<String> problems, Setting one, Setting other) {
        Found f = found.get(one);
        if (f != null && !found.containsKey(other)) {
            problems.add(f.name(one) + " is set, but not " + f.source().nameOf(other));
        }
    }

    private static String problemOf(Setting setting, String value) {
        return switch (setting) {
            case TEMPORAL_ADDRESS ->
                value.matches("[^:/@\\s]+:\\d{1,5}|\\[[^]@]+]:\\d{1,5}")
                        ? ""
                        : "must be HOST:PORT, for instance 127.0.0.1:7233";
            case TEMPORAL_TLS -> value.matches("true|false") ? "" : "must be true or false";
            case TEMPORAL_TLS_CA, TEMPORAL_TLS_CERT, TEMPORAL_TLS_KEY ->
                Files.isReadable(Path.of(value)) ? "" : "must name a file that can be read";
            case DATABASE_URL -> problemOfDatabase(value);
            case MLFLOW_URL, AIRFLOW_URL ->
                isHttp(value) ? "" : "must be http://HOST:PORT or https://HOST:PORT without user, password or key";
            case ARTIFACTS -> value.contains("://") ? "must be a folder; other stores are not supported" : "";
            default ->
                EnumSet.of(Setting.TEMPORAL_API_KEY, Setting.MLFLOW_TOKEN, Setting.AIRFLOW_TOKEN)
                                        .contains(setting)
                                && !value.chars().allMatch(Settings::isVisible)
                        ? "must be of letters, digits and signs of ASCII, without white space"
                        : "";
        };
    }

    private static String problemOfDatabase(String value) {
        if (!value.startsWith("jdbc:postgresql://")) {
            return "must begin with jdbc:postgresql://";
        }
        return Masking.holdsSecret(value)
                ? "must not hold user, password or key; " + Setting.DATABASE_USER.variable() + " and "
                        + Setting.DATABASE_PASSWORD.variable() + " are for them"
                : "";
    }

    /** Others can't be sent in a header, and a message about that would quote the token. */
    private static boolean isVisible(int letter) {
        return letter > ' ' && letter < 0x7f;
    }

    private static boolean isHttp(String value) {
        try {
            URI uri = new URI(value);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            return http
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
