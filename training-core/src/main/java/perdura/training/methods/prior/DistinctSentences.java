package perdura.training.methods.prior;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import perdura.datasets.data.PairBatch;

/** The different sentences of some batches, in the order of their first appearance, each as a text of its own. */
final class DistinctSentences {
    private final Set<List<Long>> texts = new LinkedHashSet<>();
    private int reports;

    void add(PairBatch batch) {
        for (int row = 0; row < batch.size(); row++) {
            addReport(batch, row * batch.textLength());
        }
    }

    private void addReport(PairBatch batch, int begin) {
        LongBuffer ids = batch.ids();
        long first = ids.get(begin);
        int end = begin;
        while (end < begin + batch.textLength() && batch.attentionMask().get(end) != 0) {
            end++;
        }
        long last = ids.get(Math.max(begin, end - 1));
        long current = -1;
        List<Long> text = new ArrayList<>();
        for (int i = begin; i < end; i++) {
            long sentence = batch.sentenceMap().get(i);
            if (sentence != current) {
                addText(text, last);
                text = new ArrayList<>(List.of(first));
                current = sentence;
            }
            if (sentence > 0) {
                text.add(ids.get(i));
            }
        }
        addText(text, last);
        reports++;
    }

    private void addText(List<Long> text, long last) {
        if (text.size() > 1) {
            text.add(last);
            texts.add(List.copyOf(text));
        }
    }

    int size() {
        return texts.size();
    }

    /** Reports that were looked at. */
    int reports() {
        return reports;
    }

    List<long[]> texts() {
        return texts.stream()
                .map(text -> text.stream().mapToLong(Long::longValue).toArray())
                .toList();
    }
}
