package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.datasets.data.StudyTexts.Bucket;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;
import perdura.datasets.text.Vocabulary;

class TestStudyTexts {
    @Test
    void aSentenceStandsBetweenItsMarksAndPadding() {
        StudyTexts texts = StudyTexts.of(List.of(List.of(new int[] {7, 8, 9}), List.of(new int[] {5})));

        assertThat(texts.buckets()).hasSize(1);
        Bucket bucket = texts.buckets().get(0);
        assertThat(bucket.rows()).isEqualTo(2);
        assertThat(bucket.length()).isEqualTo(5);
        assertThat(longs(bucket.ids())).containsExactly(101, 5, 102, 0, 0, 101, 7, 8, 9, 102);
        assertThat(longs(bucket.attentionMask())).containsExactly(1, 1, 1, 0, 0, 1, 1, 1, 1, 1);
        assertThat(longs(texts.places())).containsExactly(1, 0);
    }

    @Test
    void aSentenceThatIsSaidTwiceIsThereOnce() {
        StudyTexts texts = StudyTexts.of(List.of(
                List.of(new int[] {7, 8}, new int[] {5}, new int[] {7, 8}), List.of(new int[] {7, 8}, new int[] {9})));

        assertThat(texts.sentences()).isEqualTo(3);
        assertThat(texts.most()).isEqualTo(3);
        assertThat(longs(texts.places())).containsExactly(2, 0, 2, 2, 1, 3);
    }

    @Test
    void everySentenceIsInOneBucketAndLittleIsPadding() {
        RandomStream random = Seeds.stream(5, "lengths");
        List<List<int[]>> reports = new ArrayList<>();
        long filled = 0;
        for (int i = 0; i < 400; i++) {
            int[] text = new int[1 + random.bounded(46)];
            Arrays.fill(text, 1000 + i);
            reports.add(List.of(text));
            filled += text.length + 2;
        }
        StudyTexts texts = StudyTexts.of(reports);

        assertThat(texts.buckets().size()).isBetween(2, 12);
        long positions = 0;
        for (Bucket bucket : texts.buckets()) {
            positions += (long) bucket.rows() * bucket.length();
        }
        for (int i = 0; i < 400; i++) {
            assertThat(report(texts, i))
                    .containsExactly(Arrays.toString(reports.get(i).get(0)));
        }
        assertThat(texts(texts)).hasSize(400).doesNotHaveDuplicates();
        assertThat((double) filled / positions).isGreaterThan(0.8);
    }

    @Test
    void noReportsMakeNoBuckets() {
        assertThat(StudyTexts.of(List.of()).buckets()).isEmpty();
    }

    @Test
    void whatIsLongerThanTheLimitsIsCut() {
        List<int[]> report = List.of(new int[] {1, 2, 3, 4}, new int[] {5}, new int[] {6});
        StudyTexts.Limits limits = new StudyTexts.Limits(5, 2, 7);

        StudyTexts sentences = StudyTexts.Reader.ofSentences(limits).read(List.of(report));
        assertThat(report(sentences, 0)).containsExactly("[1, 2, 3]", "[5]");
    }

    /** The sentences of a report, as texts. */
    static List<String> report(StudyTexts texts, int report) {
        List<String> all = texts(texts);
        List<String> own = new ArrayList<>();
        for (int i = 0; i < texts.most(); i++) {
            int place = (int) texts.places().get(report * texts.most() + i);
            if (place < texts.sentences()) {
                own.add(all.get(place));
            }
        }
        return own;
    }

    /** All distinct sentences, in the order of the buckets. */
    static List<String> texts(StudyTexts texts) {
        List<String> all = new ArrayList<>();
        for (Bucket bucket : texts.buckets()) {
            for (int row = 0; row < bucket.rows(); row++) {
                List<Long> pieces = new ArrayList<>();
                for (int i = 1; bucket.ids().get(row * bucket.length() + i) != Vocabulary.END; i++) {
                    pieces.add(bucket.ids().get(row * bucket.length() + i));
                }
                all.add(pieces.toString());
            }
        }
        return all;
    }

    private static long[] longs(LongBuffer buffer) {
        long[] values = new long[buffer.remaining()];
        buffer.duplicate().get(values);
        return values;
    }
}
