package perdura.datasets.split.leak;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.Sha256;

/**
 * Compares the training part of a pre-training with a validation or test part of a downstream task: patients by id within a domain,
 * images by file and by pixels. Both are streamed; kept are about 90 bytes for each downstream image, and nothing for the others but
 * the names that the report shows.
 */
public final class LeakCheck {
    /** Patients and images that a report names. */
    public static final int SHOWN = 20;

    private final SplitMembers tested;
    /** Members of the downstream part. */
    private int size;

    private final DigestTable patients;
    private final DigestTable files;
    private final DigestTable pixels;
    private final SeenMembers seenPatients = new SeenMembers();
    private final SeenMembers seenFiles = new SeenMembers();
    private final SeenMembers seenPixels = new SeenMembers();
    private final MessageDigest sha256 = Sha256.start();

    private LeakCheck(SplitMembers tested) {
        this.tested = tested;
        tested.forEach(member -> size++);
        this.patients = new DigestTable(size);
        this.files = new DigestTable(size);
        this.pixels = new DigestTable(size);
    }

    /**
     * What the two parts share. The first allowance that names both data sets goes into the report.
     *
     * @param trained training part of a pre-training
     * @param tested validation or test part of a downstream task
     */
    public static LeakReport compare(SplitMembers trained, SplitMembers tested, List<LeakReport.Allowance> allowances) {
        LeakCheck check = new LeakCheck(tested);
        check.forEachTested(check::remember);
        boolean samePeople = trained.patientDomain().equals(tested.patientDomain());
        trained.forEach(member -> check.lookUp(member, samePeople));
        LeakReport.@Nullable Allowance allowance = allowances.stream()
                .filter(each -> each.covers(trained, tested))
                .findFirst()
                .orElse(null);
        return check.report(trained, allowance);
    }

    /** One downstream member and its number. */
    private interface Numbered {
        void accept(int number, SplitMembers.Member member);
    }

    private void forEachTested(Numbered action) {
        Consumer<SplitMembers.Member> counting = new Consumer<>() {
            private int next;

            @Override
            public void accept(SplitMembers.Member member) {
                if (next == size) {
                    throw new IllegalStateException(tested.dataSet() + " " + tested.part() + " gives more than the "
                            + next + " members that it gave at first");
                }
                action.accept(next++, member);
            }
        };
        tested.forEach(counting);
    }

    private void remember(int number, SplitMembers.Member member) {
        Key patient = patientKey(member);
        patients.add(patient.high(), patient.low(), number);
        files.add(high(member.imageSha256()), low(member.imageSha256()), number);
        String pixelSha256 = member.pixelSha256();
        if (pixelSha256 != null) {
            pixels.add(high(pixelSha256), low(pixelSha256), number);
        }
    }

    private void lookUp(SplitMembers.Member trained, boolean samePeople) {
        int patient = samePeople ? findPatient(trained) : -1;
        int file = find(files, trained.imageSha256());
        int pixel = find(pixels, trained.pixelSha256());
        if (patient >= 0) {
            seenPatients.add(patient, trained.patientId());
        }
        if (file >= 0) {
            seenFiles.add(file, trained.sampleId());
        }
        if (pixel >= 0) {
            seenPixels.add(pixel, trained.sampleId());
        }
    }

    private LeakReport report(SplitMembers trained, LeakReport.@Nullable Allowance allowance) {
        NameList images = new NameList();
        NameList people = new NameList();
        forEachTested((number, member) -> {
            int file = find(files, member.imageSha256());
            int pixel = find(pixels, member.pixelSha256());
            if (seenFiles.has(file)) {
                images.add(member.sampleId(), seenFiles.seenAs(file));
            } else if (seenPixels.has(pixel)) {
                images.add(member.sampleId(), seenPixels.seenAs(pixel));
            }
            if (seenPatients.has(number)) { // only the first member of a patient is marked
                people.add(member.patientId(), member.patientId());
            }
        });
        return new LeakReport(
                trained.dataSet() + " " + trained.part(),
                tested.dataSet() + " " + tested.part(),
                people.overlap(),
                images.overlap(),
                allowance);
    }

    private int findPatient(SplitMembers.Member member) {
        Key key = patientKey(member);
        return patients.find(key.high(), key.low());
    }

    private static int find(DigestTable table, @Nullable String hex) {
        return hex == null ? -1 : table.find(high(hex), low(hex));
    }

    /** The first 16 bytes of a digest. */
    private record Key(long high, long low) {}

    private Key patientKey(SplitMembers.Member member) {
        ByteBuffer digest = ByteBuffer.wrap(sha256.digest(member.patientId().getBytes(StandardCharsets.UTF_8)));
        return new Key(digest.getLong(), digest.getLong());
    }

    private static long high(String hex) {
        return Long.parseUnsignedLong(hex, 0, 16, 16);
    }

    private static long low(String hex) {
        return Long.parseUnsignedLong(hex, 16, 32, 16);
    }

    /** Counts names and keeps the first ones. */
    private static final class NameList {
        private final List<String> first = new ArrayList<>();
        private int count;

        void add(String name, String seenAs) {
            count++;
            if (first.size() < SHOWN) {
                first.add(name.equals(seenAs) ? name : name + " (= " + seenAs + ")");
            }
        }

        LeakReport.Overlap overlap() {
            return new LeakReport.Overlap(count, first);
        }
    }

    /** Downstream members that the pre-training has seen: all by number, the first {@value LeakCheck#SHOWN} with what was seen. */
    private static final class SeenMembers {
        private final BitSet numbers = new BitSet();
        private final NavigableMap<Integer, String> firstSeenAs = new TreeMap<>();

        void add(int number, String seenAs) {
            if (numbers.get(number)) {
                return;
            }
            numbers.set(number);
            firstSeenAs.put(number, seenAs);
            if (firstSeenAs.size() > LeakCheck.SHOWN) {
                firstSeenAs.pollLastEntry();
            }
        }

        boolean has(int number) {
            return number >= 0 && numbers.get(number);
        }

        /** What a member was seen as; only for the first ones. */
        String seenAs(int number) {
            return firstSeenAs.getOrDefault(number, "");
        }
    }

    /**
     * Finds a member's number by 16 bytes of a digest: 20 bytes a slot, at most two thirds of the slots full, no object for each
     * entry. Of members with an equal key the first stays. That two of 400,000 and 400,000 different digests are taken for one
     * another has a chance below 1e-27.
     */
    private static final class DigestTable {
        private final long[] high;
        private final long[] low;
        /** The member's number plus one, 0 in a free slot. */
        private final int[] numbers;

        /** @param most greatest number of entries */
        DigestTable(int most) {
            int slots = Math.addExact(Math.addExact(most, most / 2), 2);
            high = new long[slots];
            low = new long[slots];
            numbers = new int[slots];
        }

        /** Does nothing if there is a member with this key. */
        void add(long highKey, long lowKey, int number) {
            int slot = slot(highKey, lowKey);
            if (numbers[slot] == 0) {
                high[slot] = highKey;
                low[slot] = lowKey;
                numbers[slot] = number + 1;
            }
        }

        /** Number of the member with this key, or -1. */
        int find(long highKey, long lowKey) {
            return numbers[slot(highKey, lowKey)] - 1;
        }

        /** The slot of this key, or the free one where it belongs. */
        private int slot(long highKey, long lowKey) {
            int slot = (int) Long.remainderUnsigned(lowKey, numbers.length);
            while (numbers[slot] != 0 && (high[slot] != highKey || low[slot] != lowKey)) {
                slot = slot + 1 == numbers.length ? 0 : slot + 1;
            }
            return slot;
        }
    }
}
