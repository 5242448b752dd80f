package perdura.grids;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URLDecoder;

@AnalyzeClasses(packages = "perdura.grids", importOptions = DoNotIncludeTests.class)
class TestModuleRules {
    @ArchTest
    static final ArchRule THE_SHARED_WORDS_NEED_THE_JDK_ONLY = classes()
            .that()
            .resideInAPackage("perdura.grids.spec")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("perdura.grids.spec", "java..", "org.jspecify.annotations");

    @ArchTest
    static final ArchRule THE_CODEC_KNOWS_NO_SPEC = noClasses()
            .that()
            .resideInAPackage("perdura.grids.codec")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("perdura.grids.read");

    @ArchTest
    static final ArchRule THE_SHARED_WORDS_DO_NO_IO = noClasses()
            .that()
            .resideInAPackage("perdura.grids.spec")
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.io", "java.sql..", "java.net..")
                    .and(not(type(URLDecoder.class)))); // text alone
}
