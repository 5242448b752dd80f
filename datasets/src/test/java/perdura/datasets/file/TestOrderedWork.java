package perdura.datasets.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestOrderedWork {
    @Test
    void resultsComeInTheOrderOfTheInputs() throws IOException {
        List<Integer> taken = new ArrayList<>();
        CountDownLatch secondIsDone = new CountDownLatch(1);
        OrderedWork.run(
                IntStream.range(0, 100).iterator(),
                3,
                () -> {},
                i -> {
                    if (i == 0) {
                        await(secondIsDone);
                    }
                    if (i == 1) {
                        secondIsDone.countDown();
                    }
                    return 2 * i;
                },
                taken::add);
        assertThat(taken)
                .isEqualTo(IntStream.range(0, 100).map(i -> 2 * i).boxed().toList());
    }

    @Test
    void onlyAFewResultsWait() throws IOException {
        AtomicInteger made = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        OrderedWork.run(
                IntStream.range(0, 500).iterator(),
                2,
                () -> {},
                i -> {
                    most.accumulateAndGet(made.incrementAndGet() - taken.get(), Math::max);
                    return i;
                },
                i -> taken.incrementAndGet());
        assertThat(taken.get()).isEqualTo(500);
        assertThat(most.get()).isLessThanOrEqualTo(2 * 4 + 1);
    }

    @Test
    void theFirstFailureEndsItAndItsKindStays() {
        List<Integer> taken = new ArrayList<>();
        assertThatIOException()
                .isThrownBy(() -> OrderedWork.run(
                        IntStream.range(0, 50).iterator(),
                        4,
                        () -> {},
                        i -> {
                            if (i >= 5) {
                                throw new IOException("disk " + i);
                            }
                            return i;
                        },
                        taken::add))
                .withMessage("disk 5");
        assertThat(taken).containsExactly(0, 1, 2, 3, 4);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
