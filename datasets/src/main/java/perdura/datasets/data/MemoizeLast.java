package perdura.datasets.data;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the value of the last key. Threads that ask for another key at once may each make its value; it is a function of the
 * key, so all get the same.
 */
final class MemoizeLast<K, V> {
    private final Function<K, V> make;
    private volatile @Nullable Entry<K, V> entry;

    MemoizeLast(Function<K, V> make) {
        this.make = make;
    }

    V get(K key) {
        Entry<K, V> known = entry;
        if (known == null || !known.key.equals(key)) {
            known = new Entry<>(key, make.apply(key));
            entry = known;
        }
        return known.value;
    }

    private record Entry<K, V>(K key, V value) {}
}
