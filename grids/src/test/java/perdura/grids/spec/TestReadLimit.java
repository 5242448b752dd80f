package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TestReadLimit {
    @Test
    void aVariableIsAWholeNumber() {
        assertThat(ReadLimit.TABLE_ROWS.parse(" 12 ")).isEqualTo(12);
        for (String wrong : new String[] {"0", "-1", "1e6", "many", "9".repeat(19), "1\u001b[2J"}) {
            assertThatThrownBy(() -> ReadLimit.TABLE_ROWS.parse(wrong))
                    .isInstanceOf(PerduraException.class)
                    .hasMessageContaining("PERDURA_LIMIT_TABLE_ROWS")
                    .hasMessageNotContaining("\u001b");
        }
    }
}
