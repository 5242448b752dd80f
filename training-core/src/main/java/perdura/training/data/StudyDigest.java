package perdura.training.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.CanonicalJson;
import perdura.training.text.Vocabulary;

/** The identity of a data set: SHA-256 over one line of canonical JSON for each study, then one for the vocabulary. */
final class StudyDigest {
    private static final String FORMAT = "perdura.studies/1\n";

    private final MessageDigest digest;

    StudyDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        update(FORMAT);
    }

    /** @param imageDigests SHA-256 of the image files, in the order of the study's images */
    void add(Study study, List<String> imageDigests) {
        List<Object> images = new ArrayList<>();
        for (int i = 0; i < imageDigests.size(); i++) {
            images.add(List.of(study.images().get(i).getFileName().toString(), imageDigests.get(i)));
        }
        update(CanonicalJson.write(Map.of(
                        "study", study.studyId(),
                        "patient", study.patientId(),
                        "split", study.split().fileName(),
                        "images", images,
                        "sentences", study.sentences()))
                + "\n");
    }

    /** 64 hexadecimal digits; to be called once. */
    String finish(Vocabulary vocabulary) {
        update(CanonicalJson.write(Map.of("vocabulary", vocabulary.digest())) + "\n");
        return HexFormat.of().formatHex(digest.digest());
    }

    private void update(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
    }
}
