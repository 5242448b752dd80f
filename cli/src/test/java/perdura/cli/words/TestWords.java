package perdura.cli.words;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import perdura.grids.spec.RunId;

class TestWords {
    @Test
    void durationsReadWell() {
        assertThat(Times.of(Duration.ofSeconds(42))).isEqualTo("42 s");
        assertThat(Times.of(Duration.ofSeconds(187))).isEqualTo("3 min 07 s");
        assertThat(Times.of(Duration.ofMinutes(125))).isEqualTo("2 h 05 min");
    }

    @Test
    void tablesAlignTheirColumns() {
        assertThat(new Table("A", "LONG").row("abc", 1).toString().lines()).containsExactly("A    LONG", "abc  1");
    }

    @Test
    void runNamesAreValidAndRandom() {
        RunNames names = new RunNames(new Random(1));
        RunId first = names.next("Prior-Tiny");
        assertThat(first.value()).matches("prior-tiny-[a-z2-7]{6}");
        assertThat(names.next("Prior-Tiny")).isNotEqualTo(first);
        assertThat(names.next("7x").value()).matches("run-7x-[a-z2-7]{6}");
        assertThat(names.next("n".repeat(300)).value()).hasSize(100);
    }

    @Test
    void csvQuotesWhatItMust() {
        assertThat(new Csv("a", "b").row("x,\"y\"", null).row(1, "z").toString())
                .isEqualTo("a,b\r\n\"x,\"\"y\"\"\",\r\n1,z");
    }

    @Test
    void lettersFollowTheLocale() {
        assertThat(glyphs(Map.of("LANG", "en_US.UTF-8"))).isEqualTo(Glyphs.UNICODE);
        assertThat(glyphs(Map.of("LANG", "en_US.UTF-8", "LC_ALL", "C"))).isEqualTo(Glyphs.ASCII);
        assertThat(glyphs(Map.of())).isEqualTo(Glyphs.ASCII);
    }

    private static Glyphs glyphs(Map<String, String> environment) {
        return Glyphs.of(new Terminal(System.out, System.err, environment, false));
    }

    @Test
    void jsonKeepsNotANumber() {
        assertThat(Json.of(List.of(Double.NaN, new RunId("a-b"))))
                .contains("\"NaN\"")
                .contains("\"a-b\"");
    }
}
