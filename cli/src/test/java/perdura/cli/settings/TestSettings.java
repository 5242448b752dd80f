package perdura.cli.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import perdura.activities.io.airflow.AirflowConfig;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

class TestSettings {
    @TempDir
    private Path folder;

    private static SettingsSource flags(Map<Setting, String> values) {
        return new SettingsSource("command line", values);
    }

    private SettingsSource file(String text) throws IOException {
        return SettingsSource.SettingsFile.read(Files.writeString(folder.resolve("perdura.yaml"), text));
    }

    static Stream<String> hostileTexts() {
        return Stream.of(
                "#" + "x".repeat(10_000_000),
                "a: " + "x".repeat(30_000_000),
                "# x\n".repeat(3_000_000),
                "a: " + "[".repeat(100_000),
                "- ".repeat(100_000),
                "a: &a [*a]\n",
                "{" + IntStream.range(0, 10_000).mapToObj(i -> "k" + i + ": 1").collect(Collectors.joining(", ")) + "}",
                "\"" + "k".repeat(100_000) + "\": 1",
                "\"\\e[31m\\n" + "forged: line\": 1");
    }

    @ParameterizedTest
    @MethodSource("hostileTexts")
    void aHostileFileIsRefusedSoonInFewLines(String text) {
        assertTimeout(
                Duration.ofSeconds(10),
                () -> assertThatThrownBy(() -> file(text)).isInstanceOfSatisfying(PerduraException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC);
                    List<String> lines = String.valueOf(e.getMessage()).lines().toList();
                    assertThat(lines)
                            .hasSizeLessThan(30)
                            .allSatisfy(line ->
                                    assertThat(line).hasSizeLessThan(3_000).doesNotContain("\u001b"));
                    assertThat(lines.get(0))
                            .startsWith(folder.resolve("perdura.yaml").toString());
                    assertThat(lines).noneMatch(line -> line.startsWith("forged"));
                }));
    }

    @Test
    void aFileInAnotherEncodingSaysSo() throws IOException {
        Path file = Files.write(folder.resolve("perdura.yaml"), "artifacts: x\n".getBytes(StandardCharsets.UTF_16));
        assertThatThrownBy(() -> SettingsSource.SettingsFile.read(file))
                .isInstanceOf(PerduraException.class)
                .hasMessage(file + ": cannot be read: it is not text in UTF-8");
    }

    @Test
    @Timeout(10)
    void aPipeIsNamedAndNotOpened() throws Exception {
        Path pipe = folder.resolve("pipe.yaml");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> SettingsSource.SettingsFile.read(pipe))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("is a named pipe");
    }

    @Test
    void strongerSourcesWin() throws IOException {
        SettingsSource flag = flags(Map.of(Setting.TEMPORAL_ADDRESS, "flag:1"));
        SettingsSource environment = SettingsSource.ofEnvironment(
                Map.of("PERDURA_TEMPORAL_ADDRESS", "env:1", "PERDURA_TEMPORAL_NAMESPACE", "env"));
        SettingsSource file = file("""
                temporal: {address: 'file:1', namespace: file}
                database: {url: 'jdbc:postgresql://file/x', user: file}
                """);
        Settings settings = Settings.of(List.of(flag, environment, file), null);
        assertThat(settings.temporal().address()).isEqualTo("flag:1");
        assertThat(settings.temporal().namespace()).isEqualTo("env");
        assertThat(settings.database().user()).isEqualTo("file");
    }

    @Test
    void theLocalStackYieldsToAnyNamedServiceAsAWhole() {
        SettingsSource stack = new SettingsSource(
                "local stack",
                Map.of(
                        Setting.DATABASE_URL, "jdbc:postgresql://127.0.0.1:1/perdura",
                        Setting.DATABASE_USER, "postgres",
                        Setting.TEMPORAL_ADDRESS, "127.0.0.1:2"));
        SettingsSource environment =
                SettingsSource.ofEnvironment(Map.of("PERDURA_DATABASE_URL", "jdbc:postgresql://far/perdura"));
        Settings settings = Settings.of(List.of(environment), stack);
        assertThat(settings.database().jdbcUrl()).isEqualTo("jdbc:postgresql://far/perdura");
        assertThat(settings.database().user()).isEqualTo("perdura");
        assertThat(settings.temporal().address()).isEqualTo("127.0.0.1:2");
    }

    @Test
    void secretsAreNeverShown() {
        SettingsSource environment = SettingsSource.ofEnvironment(Map.of(
                "PERDURA_DATABASE_URL", "jdbc:postgresql://h/d?sslmode=require",
                "PERDURA_DATABASE_PASSWORD", "geheim1",
                "PERDURA_TEMPORAL_ADDRESS", "h:7233",
                "PERDURA_TEMPORAL_API_KEY", "geheim2",
                "PERDURA_MLFLOW_URL", "http://h:5000",
                "PERDURA_MLFLOW_TOKEN", "geheim3",
                "PERDURA_AIRFLOW_URL", "http://h:8080/air/",
                "PERDURA_AIRFLOW_USER", "me",
                "PERDURA_AIRFLOW_PASSWORD", "geheim4"));
        Settings settings = Settings.of(List.of(environment), null);
        String shown = settings + " " + settings.describe() + environment + settings.temporal() + settings.database()
                + settings.mlflow() + settings.airflow();
        assertThat(shown).doesNotContain("geheim").contains("***").contains("sslmode");
        assertThat(settings.temporal().tls()).isTrue();
        assertThat(settings.airflow())
                .contains(new AirflowConfig(URI.create("http://h:8080/air"), "me", "geheim4", null));
    }

    @Test
    void wrongValuesAreToldAllAtOnceWithoutSecrets() {
        SettingsSource environment = SettingsSource.ofEnvironment(Map.of(
                "PERDURA_TEMPORAL_ADDRESS", "nowhere",
                "PERDURA_TEMPORAL_TLS_CERT", folder.resolve("none.pem").toString(),
                "PERDURA_DATABASE_URL", "jdbc:postgresql://h/d?user=u&password=geheim",
                "PERDURA_MLFLOW_URL", "http://u:geheim@h:5000",
                "PERDURA_AIRFLOW_TOKEN", "geheim two",
                "PERDURA_AIRFLOW_PASSWORD", "geheim"));
        assertThatThrownBy(() -> Settings.of(List.of(environment), null))
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_SPEC))
                .hasMessageContaining("PERDURA_TEMPORAL_ADDRESS must be HOST:PORT")
                .hasMessageContaining("was 'nowhere'")
                .hasMessageContaining("PERDURA_TEMPORAL_TLS_CERT must name a file")
                .hasMessageContaining("but not PERDURA_TEMPORAL_TLS_KEY")
                .hasMessageContaining("PERDURA_DATABASE_USER and PERDURA_DATABASE_PASSWORD are for them")
                .hasMessageContaining("PERDURA_MLFLOW_URL must be http://")
                .hasMessageContaining(
                        "PERDURA_AIRFLOW_TOKEN must be of letters, digits and signs of ASCII, without white space")
                .hasMessageContaining("PERDURA_AIRFLOW_TOKEN is set, but not PERDURA_AIRFLOW_URL")
                .hasMessageContaining("PERDURA_AIRFLOW_PASSWORD is set, but not PERDURA_AIRFLOW_USER")
                .hasMessageNotContaining("geheim");
    }

    @Test
    void aMissingServerSaysHowToNameIt() {
        Settings none = Settings.of(List.of(), null);
        assertThatThrownBy(none::database)
                .isInstanceOfSatisfying(
                        PerduraException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE))
                .hasMessageContaining("perdura up")
                .hasMessageContaining("PERDURA_DATABASE_URL")
                .hasMessageContaining("--database-url");
        assertThat(none.mlflow()).isEmpty();
        assertThat(none.airflow()).isEmpty();
    }

    @Test
    void anUnknownKeyOfTheFileGetsASuggestion() {
        assertThatThrownBy(() -> file("temporal: {adress: 'h:1', nonsense123: 2}\nartifacts: [a]\n"))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("perdura.yaml: unknown key 'temporal.adress'; did you mean 'temporal.address'?")
                .hasMessageContaining("unknown key 'temporal.nonsense123'; known are")
                .hasMessageContaining("artifacts must be a single value");
    }

    @Test
    void aFileThatIsNoYamlIsToldWithoutItsText() {
        assertThatThrownBy(() -> file("database:\n  password: geheim\n bad\n"))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("perdura.yaml:")
                .hasMessageContaining("not valid YAML")
                .hasMessageNotContaining("geheim");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0123",
                "1e3",
                "yes",
                "No",
                "true",
                "0x1F",
                "1_000",
                "12:30:45",
                "2026-11-24",
                ".inf",
                "-0",
                "007.50",
                "0o17",
                "+5",
                "1.",
                "NaN",
                "off",
                "0b11"
            })
    void textIsTakenAsWritten(String written) throws IOException {
        String text = "database: {url: 'jdbc:postgresql://h/d', password: " + written + "}\n";
        assertThat(Settings.of(List.of(file(text)), null).database().password()).isEqualTo(written);
        assertThat(file("airflow:\n  user: " + written + "\n").values()).containsEntry(Setting.AIRFLOW_USER, written);
    }

    @Test
    void anEmptyValueIsNotSet() throws IOException {
        assertThat(file("mlflow:\n  user:\n  password: ~\n").values()).isEmpty();
        assertThat(file("").values()).isEmpty();
        assertThat(file("# nothing\n").values()).isEmpty();
    }

    /** Each is the value of every setting that takes an address. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "//user:geheim@h/d",
                "//geheim@h/d",
                "//u:ge/geheim@h/d",
                "//u:a@geheim@h/d",
                "//h/d?password=geheim",
                "//h/d?Password=geheim",
                "//h/d?a=b&sslPassword=geheim",
                "//h/d?api_key=geheim",
                "//h/d?API-KEY=geheim",
                "//h/d?access_token=geheim",
                "//h/d?%70assword=geheim",
                "//h/d?pwd=geheim&x=y",
                "//h/d?x-auth=geheim"
            })
    void aSecretInAnAddressIsRefusedAndNotShown(String rest) {
        Map<Setting, String> schemes = Map.of(
                Setting.DATABASE_URL, "jdbc:postgresql:",
                Setting.MLFLOW_URL, "http:",
                Setting.AIRFLOW_URL, "https:",
                Setting.TEMPORAL_ADDRESS, "");
        schemes.forEach((setting, scheme) -> assertThatThrownBy(() ->
                        Settings.of(List.of(flags(Map.of(setting, scheme + rest))), null))
                .as(setting.key())
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining(setting.flag())
                .hasMessageNotContaining("geheim"));
    }

    @Test
    void aDuplicateKeyIsNotLost() {
        assertThatThrownBy(() -> file("artifacts: a\nartifacts: b\n"))
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("not valid YAML");
    }

    @Test
    void pathsOfTheFileBeginAtItsFolder() throws IOException {
        assertThat(Settings.of(List.of(file("artifacts: store/here")), null).artifacts())
                .isEqualTo(folder.resolve("store/here").toAbsolutePath());
    }

    @Test
    void theNamesOfASettingFollowOneRule() {
        assertThat(Setting.TEMPORAL_TLS_CA.variable()).isEqualTo("PERDURA_TEMPORAL_TLS_CA");
        assertThat(Setting.TEMPORAL_TLS_CA.flag()).isEqualTo("--temporal-tls-ca");
        assertThat(Setting.TEMPORAL_TLS_CA.key()).isEqualTo("temporal.tls.ca");
    }
}
