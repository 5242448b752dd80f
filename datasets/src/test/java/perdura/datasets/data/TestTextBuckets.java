package perdura.datasets.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import perdura.datasets.data.SenseBatch.TextBucket;
import perdura.datasets.seeds.RandomStream;
import perdura.datasets.seeds.Seeds;

class TestTextBuckets {
    @Test
    void aTextStandsBetweenItsMarksAndPadding() {
        List<TextBucket> buckets = TextBuckets.of(List.of(new int[] {7, 8, 9}, new int[] {5}), new int[] {1, 0});

        assertThat(buckets).hasSize(1);
        TextBucket bucket = buckets.get(0);
        assertThat(bucket.rows()).isEqualTo(2);
        assertThat(bucket.length()).isEqualTo(5);
        assertThat(longs(bucket.ids())).containsExactly(101, 5, 102, 0, 0, 101, 7, 8, 9, 102);
        assertThat(longs(bucket.attentionMask())).containsExactly(1, 1, 1, 0, 0, 1, 1, 1, 1, 1);
        assertThat(longs(bucket.owners())).containsExactly(0, 1);
    }

    @Test
    void everyTextIsInOneBucketAndLittleIsPadding() {
        RandomStream random = Seeds.stream(5, "lengths");
        List<int[]> texts = new ArrayList<>();
        int[] owners = new int[400];
        for (int i = 0; i < owners.length; i++) {
            int[] text = new int[1 + random.bounded(46)];
            Arrays.fill(text, 1000 + i);
            texts.add(text);
            owners[i] = i;
        }
        List<TextBucket> buckets = TextBuckets.of(texts, owners);

        assertThat(buckets.size()).isBetween(2, 12);
        boolean[] seen = new boolean[owners.length];
        long filled = 0;
        long positions = 0;
        for (TextBucket bucket : buckets) {
            positions += (long) bucket.rows() * bucket.length();
            for (int row = 0; row < bucket.rows(); row++) {
                int owner = (int) bucket.owners().get(row);
                assertThat(seen[owner]).isFalse();
                seen[owner] = true;
                assertThat(bucket.ids().get(row * bucket.length() + 1)).isEqualTo(1000 + owner);
                filled += texts.get(owner).length + 2;
            }
        }
        assertThat(seen).doesNotContain(false);
        assertThat((double) filled / positions).isGreaterThan(0.8);
    }

    @Test
    void noTextsMakeNoBuckets() {
        assertThat(TextBuckets.of(List.of(), new int[0])).isEmpty();
    }

    private static long[] longs(LongBuffer buffer) {
        long[] values = new long[buffer.remaining()];
        buffer.duplicate().get(values);
        return values;
    }
}
