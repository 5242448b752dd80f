package perdura.grids.spec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestPlainText {
    @Test
    void noCharacterOfALineMovesACursorOrBeginsALine() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= 0xFFFF; c++) {
            all.append((char) c);
        }
        String line = PlainText.line(all.toString());
        assertThat(line.chars()
                        .filter(c -> Character.isISOControl(c) || Character.getType(c) == Character.LINE_SEPARATOR))
                .isEmpty();
        assertThat(line.chars().filter(c -> (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)))
                .isEmpty();
        assertThat(line).contains("\\u001b", "\\u000a", "\\u009b", "\\u202e", "A", "\u00e4", "\u4e2d");
    }

    @Test
    void linesKeepTheirOwnBreaksAndNothingElse() {
        assertThat(PlainText.lines("a\tb\nc\r\nd\re\u001b[31m")).isEqualTo("a\tb\nc\r\nd\\u000de\\u001b[31m");
    }

    @Test
    void aLongTextIsCutAndSaysHowLongItWas() {
        assertThat(PlainText.cut("x".repeat(300), 5)).isEqualTo("xxxxx... (300 characters)");
        assertThat(PlainText.cut("xxxx\uD83D\uDE00", 5)).isEqualTo("xxxx... (6 characters)");
        assertThat(PlainText.shown("x".repeat(3_000_000))).hasSizeLessThan(250);
        assertThat(new PerduraException(ErrorCode.INTERNAL, "a\n" + "x".repeat(3_000_000)).getMessage())
                .startsWith("a\nxxx")
                .hasSizeLessThan(5_000);
    }

    @Test
    void whatIsPlainStaysTheSame() {
        String text = "patient p10 \u00e9\u4e2d, \uD83D\uDE00";
        assertThat(PlainText.line(text)).isSameAs(text);
    }
}
