package perdura.training.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestEngineFamily {
    @Test
    void namesTheVersionThatTheEngineTellsOfItself() {
        assertThat(EngineFamily.name()).isEqualTo("pytorch-" + Torch.engineVersion());
    }
}
