package perdura.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import perdura.cli.settings.Setting;
import perdura.cli.stack.LocalMlflow.MlflowEnvironment;
import perdura.cli.stack.LocalTemporal.TemporalBinary;
import perdura.cli.stack.StackState.PartState;
import perdura.grids.spec.PerduraException;

class TestStackHome {
    @TempDir
    private Path folder;

    private static final ProcessRef SELF = ProcessRef.of(ProcessHandle.current());

    private static PartState running(ProcessRef process, int port) {
        return new PartState(process, port, 0, PartState.Phase.READY, "detail", 0);
    }

    @Test
    void theStateSurvivesTheFile() {
        StackHome home = new StackHome(folder);
        StackState state =
                new StackState(StackState.FORMAT, SELF, true, Map.of(PartName.POSTGRES, running(SELF, 15432)));
        home.saveState(state);
        assertThat(home.loadState().part(PartName.POSTGRES).port()).isEqualTo(15432);
        assertThat(home.loadState().isOwned()).isTrue();
        assertThat(home.loadState().embedded()).isTrue();
    }

    @Test
    void onlyLivingPartsAreOffered() {
        StackHome home = new StackHome(folder);
        ProcessRef other = new ProcessRef(SELF.pid(), SELF.startedAt().minus(Duration.ofHours(1)));
        home.saveState(new StackState(
                1,
                null,
                false,
                Map.of(PartName.POSTGRES, running(SELF, 15432), PartName.TEMPORAL, running(other, 7233))));
        Map<Setting, String> values = home.findSettings().orElseThrow().values();
        assertThat(values).containsEntry(Setting.DATABASE_URL, "jdbc:postgresql://127.0.0.1:15432/perdura");
        assertThat(values).doesNotContainKey(Setting.TEMPORAL_ADDRESS);
    }

    /** The worker takes it when it starts, long before MLflow does where that is to be installed first. */
    @Test
    void theLoginOfMlflowIsThereBeforeAnyPartStarts() throws IOException {
        StackHome home = new StackHome(folder.resolve("home"));
        Path users = Files.createDirectories(home.folder()).resolve("mlflow-users.db");
        Files.writeString(users, "knows another password");
        StackOptions options = new StackOptions(
                StackOptions.Temporal.EMBEDDED,
                StackOptions.Mlflow.LOCAL,
                StackOptions.Worker.NONE,
                List.of("cpu"),
                Map.of());
        Map<String, String> nothing = Map.of("PATH", "", "XDG_CACHE_HOME", folder.toString());
        String password;
        try (LocalStack stack = LocalStack.start(home, options, nothing)) {
            assertThat(stack.state().part(PartName.MLFLOW).isAlive()).isFalse();
            password = home.secrets().find(StackHome.MLFLOW_LOGIN).orElseThrow();
        }
        assertThat(users).doesNotExist();
        assertThat(home.settings(home.loadState(), EnumSet.of(PartName.MLFLOW)))
                .containsEntry(Setting.MLFLOW_PASSWORD, password);

        Files.writeString(users, "knows this one");
        LocalStack.start(home, options, nothing).close();
        assertThat(users).exists();
        assertThat(home.secrets().find(StackHome.MLFLOW_LOGIN)).hasValue(password);
    }

    @Test
    void aLaterProcessWithTheSameNumberIsAnother() {
        assertThat(SELF.isAlive()).isTrue();
        assertThat(new ProcessRef(SELF.pid(), Instant.EPOCH).isAlive()).isFalse();
    }

    @Test
    void aDamagedStateFileIsTold() throws IOException {
        Files.writeString(folder.resolve("stack.json"), "{ half");
        assertThatThrownBy(() -> new StackHome(folder).loadState())
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("stack.json: is not a state file");
    }

    @Test
    void aNewerStateFileIsRefused() throws IOException {
        Files.writeString(folder.resolve("stack.json"), "{\"format\": 9, \"embedded\": false, \"parts\": {}}");
        assertThatThrownBy(() -> new StackHome(folder).loadState())
                .isInstanceOf(PerduraException.class)
                .hasMessageContaining("format 9 is newer");
    }

    @Test
    void aTakenPortIsPassedOver() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = Ports.choose(List.of(taken.getLocalPort()), List.of());
            assertThat(port).isNotEqualTo(taken.getLocalPort()).isPositive();
        }
    }

    @Test
    void theCacheKeyNamesSystemGoAndModules() {
        Path file = new TemporalBinary(new CacheFolder(folder), new Launcher(""), folder.resolve("log")).cachedFile();
        assertThat(file.toString()).matches(".*/temporal/\\w+-\\w+-go1\\.[0-9.]+-[0-9a-f]{16}/temporal");
    }

    @Test
    void withoutProgramsThereIsNoRealServer() throws InterruptedException {
        TemporalBinary binary = new TemporalBinary(new CacheFolder(folder), new Launcher(""), folder.resolve("log"));
        binary.buildIfMissing(what -> {});
        assertThat(binary.find()).isEmpty();
        assertThat(new MlflowEnvironment(new CacheFolder(folder), new Launcher(""), folder.resolve("log")).isPossible())
                .isFalse();
    }
}
