package perdura.datasets.text;

import java.util.List;
import perdura.grids.spec.Overlong;

/**
 * A report as BERT reads it: {@code [CLS] body [SEP]} without padding (an overlong one may lack the end), and which sentence each position belongs to
 * (prior.md 1.5).
 */
public final class EncodedReport {
    private final int[] ids;
    private final int[] sentenceMap;

    private EncodedReport(int[] ids, int[] sentenceMap) {
        this.ids = ids;
        this.sentenceMap = sentenceMap;
    }

    /**
     * Joins the sentences; a body of more than {@code maxLength - 2} pieces is cut there, and {@code [SEP]} stays.
     *
     * @param sentences the ids of each sentence, in the order of this access
     * @param maxLength greatest number of positions, at least 3
     */
    public static EncodedReport of(List<int[]> sentences, int maxLength) {
        return of(sentences, maxLength, Overlong.KEEP_SEP);
    }

    /**
     * Joins the sentences, and cuts what has more than {@code maxLength} positions.
     *
     * @param sentences the ids of each sentence, in the order of this access
     * @param maxLength greatest number of positions, at least 3
     */
    public static EncodedReport of(List<int[]> sentences, int maxLength, Overlong overlong) {
        if (maxLength < 3) {
            throw new IllegalArgumentException("maxLength must be >= 3, was " + maxLength);
        }
        int all = sentences.stream().mapToInt(s -> s.length).sum();
        boolean ends = overlong == Overlong.KEEP_SEP || all <= maxLength - 2;
        int body = Math.min(all, maxLength - (ends ? 2 : 1));
        int[] ids = new int[body + (ends ? 2 : 1)];
        int[] map = new int[ids.length];
        ids[0] = Vocabulary.BEGIN;
        map[0] = -1;
        int at = 1;
        for (int k = 0; k < sentences.size(); k++) {
            for (int id : sentences.get(k)) {
                if (at <= body) {
                    ids[at] = id;
                    map[at] = k + 1;
                    at++;
                }
            }
        }
        if (ends) {
            ids[at] = Vocabulary.END;
            map[at] = -1;
        }
        return new EncodedReport(ids, map);
    }

    /** Positions with the special ones. */
    public int length() {
        return ids.length;
    }

    /** The vocabulary id at a position. */
    public int id(int position) {
        return ids[position];
    }

    /** The sentence at a position, from 1; -1 for the special positions. */
    public int sentence(int position) {
        return sentenceMap[position];
    }
}
