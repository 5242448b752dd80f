package perdura.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.cli.words.Glyphs;
import perdura.experiments.compare.Summary;

class TestSummaryText {
    @Test
    void textsShowTheDeviationAndWhatIsMissing() {
        SummaryText texts = new SummaryText(Glyphs.ASCII);
        assertThat(texts.mean(Summary.of(List.of(0.8, 0.9)))).isEqualTo("0.8500 +- 0.0707");
        assertThat(texts.mean(Summary.of(Arrays.asList(0.8, null)))).isEqualTo("0.8000 (1 missing)");
        assertThat(texts.mean(Summary.of(List.of(1e-7, 3e-7)))).isEqualTo("2.000e-07 +- 1.414e-07");
        assertThat(new SummaryText(Glyphs.UNICODE).mean(Summary.of(List.of(0.8, 0.9))))
                .isEqualTo("0.8500 \u00b1 0.0707");
        assertThat(texts.interval(Summary.of(List.of(0.1, 0.4)))).isEqualTo("+- 1.9059");
        assertThat(texts.interval(Summary.of(List.of(0.1)))).isEqualTo("-");
    }
}
